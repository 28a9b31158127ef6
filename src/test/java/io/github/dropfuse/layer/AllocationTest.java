package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calls on small tensors leave no garbage, on every native tier and on java, once compiled. DropBlock,
 * token drop, kept samples, gradients of vectors and PyTorch's calls need memory of their own and are
 * not here.
 */
@Tag("long")
class AllocationTest {
    private static final ThreadMXBean THREADS =
            (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final PhiloxState STATE = new PhiloxState(1, 2);
    private static final int CALLS = 30_000;
    private static final int ROUNDS = 20;

    private record Call(String name, Runnable work) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Backend> fast() {
        return Backends.all().stream().filter(backend -> backend != Backends.reference());
    }

    @ParameterizedTest
    @MethodSource("fast")
    void noBytesPerCall(Backend backend) {
        try (Arena arena = Arena.ofConfined()) {
            for (Call call : calls(Execution.automatic().on(backend), arena)) {
                if (call.name().startsWith("gaussian") && backend.name().equals("java")) {
                    continue; // It leaves noise to the reference.
                }
                assertEquals(0, leastBytes(call.work()), backend + " " + call);
            }
        }
    }

    private static List<Call> calls(Execution on, Arena arena) {
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, 4, 2, 4, 2);
        Tensor y = Tensor.allocate(arena, DType.FLOAT32, 4, 2, 4, 2);
        Tensor vector = Tensor.allocate(arena, DType.FLOAT32, 2);
        Dropout dropout = new Dropout(0.5).with(on);
        DropPath path = new DropPath(0.5).with(on);
        Dropout2d channels = new Dropout2d(0.5).with(on);
        Dropout2d last = new Dropout2d(0.5, Channels.LAST, Scaling.IN_TRAINING).with(on);
        AlphaDropout alpha = new AlphaDropout(0.5).with(on);
        GaussianDropout gaussian = new GaussianDropout(0.5).with(on);
        GaussianNoise noise = new GaussianNoise(0.5).with(on);
        DropoutAdd dropoutAdd = new DropoutAdd(dropout);
        DropPathAdd pathAdd = new DropPathAdd(path);
        Zoneout zoneout = new Zoneout(0.5).with(on);
        Tensor dprevious = Tensor.allocate(arena, DType.FLOAT32, 4, 2, 4, 2);
        Mask mask = dropout.mask(arena, x, STATE);
        Tensor flatX = x.reshape(32, 2);
        Tensor flatY = y.reshape(32, 2);
        Shard columns = Shard.of(new long[] {40, 6}, 1, 2);
        Dropout boxed = new Dropout(0.5).with(on);
        return List.of(
                new Call("dropout", () -> dropout.forward(x, y, STATE)),
                new Call("dropout backward", () -> dropout.backward(x, y, STATE)),
                new Call("dropout, stored mask", () -> dropout.forward(x, y, mask)),
                new Call("dropout of entries from 3 on", () -> dropout.forward(x, y, STATE, 3)),
                new Call("dropout, inference", () -> dropout.infer(x, y)),
                new Call("droppath", () -> path.forward(x, y, STATE)),
                new Call("channels first", () -> channels.forward(x, y, STATE)),
                new Call("channels last", () -> last.forward(x, y, STATE)),
                new Call("alpha", () -> alpha.forward(x, y, STATE)),
                new Call("gaussian dropout", () -> gaussian.forward(x, y, STATE)),
                new Call("gaussian noise", () -> noise.forward(x, y, STATE)),
                new Call("dropout add", () -> dropoutAdd.forward(x, vector, y, y, STATE)),
                new Call("droppath add", () -> pathAdd.forward(x, vector, y, y, STATE)),
                new Call("zoneout", () -> zoneout.forward(x, y, y, STATE)),
                new Call("zoneout backward", () -> zoneout.backward(x, y, dprevious, STATE)),
                new Call("zoneout, inference", () -> zoneout.infer(x, y)),
                new Call("columns of rows", () -> boxed.forward(flatX, flatY, STATE, columns)));
    }

    /** The compiler may take some rounds until nothing is left to allocate. */
    private static long leastBytes(Runnable work) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                work.run();
            }
            least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
