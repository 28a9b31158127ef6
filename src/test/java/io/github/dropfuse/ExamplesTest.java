package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.npy.NpyFile;
import io.github.dropfuse.npy.NpyOutput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the packages' documentation, which takes them from here. */
class ExamplesTest {
    @TempDir private Path directory;

    @Test
    void ofTensors() {
        // @start region="tensors"
        Generator generator = Generator.seeded(42);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, 8, 197, 768);
            x.fill(1);
            PhiloxState state = generator.next();      // 16 bytes that stand for a mask
            Mask mask = new Dropout(0.1).mask(arena, x, state);
            System.out.println(mask.kept() + " of " + mask.units() + " kept");
            String saved = generator.state().toString();
            Generator resumed = Generator.from(PhiloxState.parse(saved));
            // @end
            assertEquals(resumed.next(), generator.next());
            assertEquals(x.size(), mask.units());
        }
    }

    @Test
    void ofLayers() {
        Generator generator = Generator.seeded(42);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(1, 2, 3, 4);
            Tensor y = Tensor.allocate(arena, DType.FLOAT32, 4);
            Tensor dy = Tensor.of(1, 1, 1, 1);
            Tensor dx = Tensor.allocate(arena, DType.FLOAT32, 4);
            // @start region="layers"
            Dropout dropout = new Dropout(0.5);        // p is the probability to drop
            PhiloxState state = generator.next();
            dropout.forward(x, y, state);              // training
            dropout.backward(dy, dx, state);           // the same mask again
            dropout.infer(x, y);                       // evaluation
            // @end
            assertArrayEquals(x.toFloatArray(), y.toFloatArray());
            Mask mask = dropout.mask(arena, x, state);
            for (int i = 0; i < 4; i++) {
                assertEquals(mask.keeps(i) ? 2 : 0, dx.get(i));
            }
        }
    }

    @Test
    void ofFiles() throws IOException {
        Path in = directory.resolve("in.npy");
        Path out = directory.resolve("out.npy");
        try (NpyOutput file = NpyOutput.create(in, false, DType.FLOAT32, 2, 3)) {
            file.tensor().fill(1);
            file.commit();
        }
        Dropout dropout = new Dropout(0.5);
        PhiloxState state = new PhiloxState(42, 0);
        // @start region="files"
        try (Arena arena = Arena.ofShared()) {
            Tensor x = NpyFile.open(in, arena).tensor();  // mapped, not read
            try (NpyOutput output = NpyOutput.create(out, false, x.dtype(), x.shape())) {
                dropout.forward(x, output.tensor(), state);
                output.commit();                          // the file appears whole, or not at all
            }
        }
        // @end
        assertTrue(Files.exists(out));
    }

    /** Compiled, and run by the tests of CUDA in their own words. */
    static void ofDevices(Tensor host, PhiloxState state) {
        // @start region="devices"
        CudaDevice device = Cuda.device(0);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = device.createStream()) {
            Tensor x = device.allocate(arena, host.dtype(), host.shape());
            stream.copy(host, x);
            new Dropout(0.1).with(Execution.automatic().on(stream)).forward(x, x, state);
            stream.copy(x, host);
            stream.synchronize();
        }
        // @end
    }
}
