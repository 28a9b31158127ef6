package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;

/** Run in a process of its own: closes streams while calls have temporary memory of theirs. */
public final class ClosedStreamScenario {
    private static final PhiloxState STATE = new PhiloxState(42, 0);
    private static final int ROUNDS = 50;

    private ClosedStreamScenario() {}

    public static void main(String[] arguments) throws InterruptedException {
        CudaDevice device = Cuda.device(0);
        closedBeforeItsMemory(device);
        try (Arena arena = Arena.ofShared()) {
            Tensor x = device.allocate(arena, DType.FLOAT32, 200, 10);
            Tensor sums = device.allocate(arena, DType.FLOAT32, 10);
            for (int i = 0; i < ROUNDS; i++) {
                closedByAnotherThread(device.createStream(), x, sums);
            }
            device.synchronize();
        }
        System.out.println("done");
    }

    private static void closedBeforeItsMemory(CudaDevice device) {
        CudaStream stream = device.createStream();
        try (Arena arena = Arena.ofConfined()) {
            NativeKernels.onStream(device.index(), stream.handle())
                    .place()
                    .scratch(arena, 1000);
            stream.close();
        }
    }

    private static void closedByAnotherThread(CudaStream stream, Tensor x, Tensor sums)
            throws InterruptedException {
        DropoutAdd layer =
                new DropoutAdd(new Dropout(0.1).with(Execution.automatic().on(stream)));
        Thread closer = Thread.ofPlatform().start(() -> close(stream));
        try {
            while (true) {
                layer.biasGradient(x, sums, STATE);
            }
        } catch (IllegalStateException closed) {
            closer.join();
        }
    }

    private static void close(CudaStream stream) {
        while (true) {
            try {
                stream.close();
                return;
            } catch (IllegalStateException inUse) {
                Thread.onSpinWait();
            }
        }
    }
}
