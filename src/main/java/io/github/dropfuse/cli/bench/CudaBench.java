package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaEvent;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Times a device's kernels by its events, each beside a copy within its memory. Sizes grow until the
 * time is up.
 */
final class CudaBench {
    private static final long[] SIZES = {1 << 16, 1 << 20, 1 << 24, 1 << 26};
    private static final int SAMPLES = 5;
    private static final int CALLS = 4;

    private final CudaDevice device;
    private final Generator generator = Generator.seeded(42);

    CudaBench(CudaDevice device) {
        this.device = device;
    }

    List<BenchRow> measure(long nanos) {
        List<BenchRow> rows = new ArrayList<>();
        long begun = System.nanoTime();
        try (CudaStream stream = device.createStream();
                CudaEvent from = device.createEvent();
                CudaEvent to = device.createEvent()) {
            for (long size : SIZES) {
                for (DType dtype : DType.values()) {
                    if (rows.isEmpty() || System.nanoTime() - begun < nanos) {
                        rows.addAll(measure(new Clock(stream, from, to), dtype, size));
                    }
                }
            }
        }
        return rows;
    }

    private List<BenchRow> measure(Clock clock, DType dtype, long size) {
        List<BenchRow> rows = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = device.allocate(arena, dtype, size);
            Tensor y = device.allocate(arena, dtype, size);
            BenchTensors whole =
                    new BenchTensors(
                            x, y, device.allocate(arena, dtype, size),
                            length -> device.allocate(arena, dtype, length),
                            units -> device.allocateMask(arena, units));
            new Dropout(1).forward(x, x, generator.next());
            double copy = clock.nanos(() -> clock.stream.copy(x, y));
            rows.add(row("memcpy", dtype, 0, size, false, 1, copy, copy));
            for (BenchKernel kernel : BenchKernel.values()) {
                for (boolean inPlace : new boolean[] {false, true}) {
                    if (size >= kernel.run() && kernel.hasPlace(inPlace)) {
                        rows.add(row(clock, kernel, inPlace, whole, copy));
                    }
                }
            }
        }
        return rows;
    }

    private BenchRow row(
            Clock clock, BenchKernel kernel, boolean inPlace, BenchTensors whole, double copy) {
        BenchTensors tensors = whole.forKernel(kernel, inPlace);
        long size = tensors.x().size();
        double ofCopy = copy * size / whole.x().size();
        Consumer<PhiloxState> work = kernel.on(tensors, Execution.automatic().on(clock.stream));
        double nanos = clock.nanos(() -> work.accept(generator.next()));
        return row(
                kernel.toString(), whole.x().dtype(), kernel.p(), size, inPlace, kernel.limit(),
                nanos, ofCopy);
    }

    private BenchRow row(
            String kernel,
            DType dtype,
            double p,
            long size,
            boolean inPlace,
            double limit,
            double nanos,
            double copy) {
        return new BenchRow(
                kernel, "cuda", "sm_" + device.computeCapability().replace(".", ""), dtype, p, size,
                1, inPlace, nanos / size, nanos / copy, limit, SAMPLES);
    }

    /** Two events around some calls on a stream. */
    private record Clock(CudaStream stream, CudaEvent from, CudaEvent to) {
        /** The median time of a call, after one that is not counted. */
        double nanos(Runnable call) {
            call.run();
            double[] samples = new double[SAMPLES];
            for (int i = 0; i < SAMPLES; i++) {
                from.record(stream);
                for (int c = 0; c < CALLS; c++) {
                    call.run();
                }
                to.record(stream);
                to.synchronize();
                samples[i] = to.millisecondsSince(from) * 1e6 / CALLS;
            }
            Arrays.sort(samples);
            return Math.max(1e-3, samples[SAMPLES / 2]);
        }
    }
}
