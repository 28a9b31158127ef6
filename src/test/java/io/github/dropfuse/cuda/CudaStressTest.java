package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many threads move tensors between host, pinned and device memory, each with its own checks. */
@CudaTest
class CudaStressTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 25;

    @Test
    void everywhereAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                long seed = t;
                done.add(threads.submit(() -> rounds(new SplittableRandom(seed))));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
    }

    private static void rounds(SplittableRandom random) {
        CudaDevice device = Device.first();
        try (CudaStream own = device.createStream()) {
            for (int i = 0; i < ROUNDS; i++) {
                DType dtype = DType.values()[random.nextInt(4)];
                Tensor x = Device.values(dtype, random.nextLong(), random.nextInt(1, 6000));
                PhiloxState state = new PhiloxState(random.nextLong(), random.nextLong() >>> 1);
                Dropout layer = new Dropout(random.nextDouble());
                Tensor wanted = Tensor.of(
                        MemorySegment.ofArray(new byte[(int) x.byteSize()]), dtype, x.shape());
                layer.with(Execution.automatic().on(Backends.reference())).forward(x, wanted, state);
                try (Arena arena = random.nextBoolean() ? Arena.ofConfined() : Arena.ofShared()) {
                    MemorySegment result =
                            random.nextBoolean()
                                    ? onDefaultStream(arena, x, layer, state)
                                    : throughPinned(arena, own, x, layer, state);
                    Patterns.assertEqual(dtype, wanted.segment(), result, x + ", " + layer);
                }
            }
        }
    }

    private static MemorySegment onDefaultStream(
            Arena arena, Tensor x, Dropout layer, PhiloxState state) {
        Tensor far = Device.upload(arena, x);
        layer.forward(far, far, state);
        return Device.download(far);
    }

    private static MemorySegment throughPinned(
            Arena arena, CudaStream stream, Tensor x, Dropout layer, PhiloxState state) {
        Tensor pinned = stream.device().allocatePinned(arena, x.dtype(), x.shape());
        Tensor far = stream.device().allocate(arena, x.dtype(), x.shape());
        pinned.copyFrom(x);
        stream.copy(pinned, far);
        layer.with(Execution.automatic().on(stream)).forward(far, far, state);
        stream.copy(far, pinned);
        stream.synchronize();
        return pinned.segment();
    }
}
