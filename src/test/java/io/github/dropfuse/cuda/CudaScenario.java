package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Run in a process of its own, where the driver may have been told to fail: uses everything once, and
 * if that fails, prints what failed and does it once more. It ends well if the last attempt did.
 */
public final class CudaScenario {
    private static final PhiloxState STATE = new PhiloxState(42, 0);
    private static final int SIZE = 2000;

    private CudaScenario() {}

    public static void main(String[] arguments) {
        attempts(CudaScenario::everything);
    }

    static void attempts(Consumer<CudaDevice> everything) {
        for (int attempt = 0; ; attempt++) {
            try {
                System.out.println(Cuda.unavailable().orElse("there is a device"));
                everything.accept(Cuda.device(0));
                System.out.println("done");
                return;
            } catch (DropfuseException e) {
                System.out.println("caught " + e.function() + " " + e.codeName() + " " + e.code());
                System.out.println(e.getMessage());
                for (Throwable also : e.getSuppressed()) {
                    System.out.println("and    " + also.getMessage());
                }
                if (attempt == 1) {
                    System.exit(3);
                }
            }
        }
    }

    /** Elements, samples, all dropped, and sums: on a stream, with memory that calls allocate there. */
    private static void residualForms(CudaDevice device, Arena arena, CudaStream stream) {
        Execution on = Execution.automatic().on(stream);
        Tensor x = device.allocate(arena, DType.FLOAT32, SIZE / 10, 10);
        Tensor sums = device.allocate(arena, DType.FLOAT32, 10);
        x.copyFrom(Device.values(DType.FLOAT32, 2, SIZE / 10, 10));
        DropoutAdd elements = new DropoutAdd(new Dropout(0.1).with(on));
        elements.forward(x, null, x, x, STATE);
        elements.biasGradient(x, sums, STATE);
        DropPathAdd samples = new DropPathAdd(new DropPath(0.5).with(on));
        samples.forward(x, sums, x, x, STATE);
        samples.gammaGradient(x, x, sums, STATE);
    }

    private static void everything(CudaDevice device) {
        Tensor values = Device.values(DType.FLOAT32, 1, SIZE);
        Dropout layer = new Dropout(0.1);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = device.createStream();
                CudaStream second = device.createStream();
                CudaEvent begin = device.createEvent();
                CudaEvent end = device.createEvent()) {
            Tensor pinned = device.allocatePinned(arena, DType.FLOAT32, SIZE);
            Tensor x = device.allocate(arena, DType.FLOAT32, SIZE);
            Tensor y = device.allocate(arena, DType.FLOAT32, SIZE);
            Mask mask = device.allocateMask(arena, SIZE);
            x.copyFrom(values);
            begin.record(stream);
            layer.with(Execution.automatic().on(stream)).forward(x, y, STATE);
            new Dropout(1).forward(x, x, STATE);
            layer.infer(y, x);
            residualForms(device, arena, stream);
            end.record(stream);
            second.await(end);
            second.copy(y, pinned);
            second.synchronize();
            end.synchronize();
            if (!end.isDone() || !second.isDone() || end.millisecondsSince(begin) < 0) {
                throw new AssertionError("not done");
            }
            Masks.draw(mask, 0.1, STATE, 0);
            byte[] bits = Device.download(mask);
            byte[] expected = Oracle.mask(0.1, 42, 0, 0, SIZE);
            if (!Arrays.equals(expected, bits)) {
                throw new AssertionError("wrong mask");
            }
            MemorySegment out = pinned.segment();
            for (int i = 0; i < SIZE; i++) {
                boolean kept = (bits[i / 8] >> i % 8 & 1) != 0;
                if (!kept && out.getAtIndex(ValueLayout.JAVA_INT, i) != 0) {
                    throw new AssertionError("element " + i + " is not dropped");
                }
            }
            device.synchronize();
        }
    }
}
