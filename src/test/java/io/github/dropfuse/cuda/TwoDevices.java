package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;

/** Run in a process of its own that has two devices: both compute, and are not mixed up. */
public final class TwoDevices {
    private TwoDevices() {}

    public static void main(String[] arguments) {
        PhiloxState state = new PhiloxState(1, 2);
        Dropout layer = new Dropout(0.5);
        CudaDevice one = Cuda.device(0);
        CudaDevice two = Cuda.device(1);
        try (Arena arena = Arena.ofConfined();
                CudaStream stream = two.createStream();
                CudaEvent event = one.createEvent()) {
            Tensor x = one.allocate(arena, DType.FLOAT32, 1000);
            Tensor y = two.allocate(arena, DType.FLOAT32, 1000);
            Tensor pinned = two.allocatePinned(arena, DType.FLOAT32, 1000);
            Tensor values = Device.values(DType.FLOAT32, 1, 1000);
            x.copyFrom(values);
            y.copyFrom(values);
            layer.forward(x, x, state);
            layer.with(Execution.automatic().on(stream)).forward(y, y, state);
            stream.synchronize();
            System.out.println(
                    Device.download(x).mismatch(Device.download(y)) < 0 ? "equal" : "different");
            refused(() -> layer.forward(x, y, state));
            refused(() -> layer.with(Execution.automatic().on(stream)).forward(x, x, state));
            refused(() -> x.copyTo(y));
            refused(() -> event.record(stream));
            x.copyTo(pinned);
            y.copyFrom(pinned);
        }
    }

    private static void refused(Runnable call) {
        try {
            call.run();
            System.out.println("not refused");
        } catch (IllegalArgumentException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }
}
