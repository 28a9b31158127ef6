package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.PairedTiming.State;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaEvent;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Times a device's kernels by its events, each beside a copy within its memory. Sizes grow until the
 * time is up.
 */
final class CudaBench {
    private static final long[] SIZES = {1 << 16, 1 << 20, 1 << 24, 1 << 26};
    private static final int SAMPLES = 9;
    private static final int CALLS = 4;

    private final CudaDevice device;
    private final String tier;
    private final CudaStream stream;
    private final CudaEvent from;
    private final CudaEvent to;
    private final Generator generator = Generator.seeded(42);

    private CudaBench(CudaDevice device, CudaStream stream, CudaEvent from, CudaEvent to) {
        this.device = device;
        tier = "sm_" + device.computeCapability().replace(".", "");
        this.stream = stream;
        this.from = from;
        this.to = to;
    }

    static List<BenchRow> measure(CudaDevice device, long nanos) {
        try (CudaStream stream = device.createStream();
                CudaEvent from = device.createEvent();
                CudaEvent to = device.createEvent()) {
            return new CudaBench(device, stream, from, to).measure(nanos);
        }
    }

    private List<BenchRow> measure(long nanos) {
        List<BenchRow> rows = new ArrayList<>();
        long begun = System.nanoTime();
        for (long size : SIZES) {
            for (DType dtype : DType.values()) {
                if (rows.isEmpty() || System.nanoTime() - begun < nanos) {
                    rows.addAll(measure(dtype, size));
                }
            }
        }
        return rows;
    }

    private List<BenchRow> measure(DType dtype, long size) {
        List<BenchRow> rows = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, dtype, size);
            Tensor y = device.allocate(arena, dtype, size);
            BenchTensors whole =
                    new BenchTensors(
                            x,
                            y,
                            device.allocate(arena, dtype, size),
                            arena,
                            length -> device.allocate(arena, dtype, length),
                            units -> device.allocateMask(arena, units));
            new Dropout(1).forward(x, x, generator.next());
            double[] copies = nanos(() -> stream.copy(x, y));
            double copy = Figure.of(copies).median();
            rows.add(row(BenchKernel.COPY, dtype, size, false, copies, copy));
            for (BenchKernel kernel : BenchKernel.all()) {
                for (boolean inPlace : kernel.places(size)) {
                    BenchTensors tensors = whole.forKernel(kernel, inPlace);
                    Consumer<PhiloxState> work =
                            kernel.on(tensors, kernel.p(), Execution.automatic().on(stream));
                    double[] nanos = nanos(() -> work.accept(generator.next()));
                    long part = tensors.x().size();
                    rows.add(row(kernel, dtype, part, inPlace, nanos, copy * part / size));
                }
            }
        }
        return rows;
    }

    private BenchRow row(
            BenchKernel kernel,
            DType dtype,
            long size,
            boolean inPlace,
            double[] nanos,
            double copy) {
        BenchTimes.OfState figures =
                new BenchTimes.OfState(
                        Figure.of(nanos),
                        Figure.of(),
                        Figure.of(Arrays.stream(nanos).map(time -> time / copy).toArray()));
        return new BenchRow(
                kernel, "cuda", tier, dtype, size, 1, inPlace, false,
                new BenchTimes(Map.of(State.UNKNOWN, figures), 0, 0));
    }

    /** Times of a call between two events, after one that is not counted. */
    private double[] nanos(Runnable call) {
        call.run();
        double[] samples = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            from.record(stream);
            for (int c = 0; c < CALLS; c++) {
                call.run();
            }
            to.record(stream);
            to.synchronize();
            samples[i] = Math.max(1e-3, to.millisecondsSince(from) * 1e6 / CALLS);
        }
        return samples;
    }
}
