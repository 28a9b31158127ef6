package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.cuda.CudaEvent;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times a device's kernels by its events, each beside a copy within its memory. Sizes grow until the
 * time is up.
 */
final class CudaBench {
    private static final long[] SIZES = {1 << 16, 1 << 20, 1 << 24, 1 << 26};
    private static final int SAMPLE = 197 * 768;
    private static final int SAMPLES = 5;
    private static final int CALLS = 4;
    private static final double P = 0.1;
    private static final double PATH_P = 0.5;

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
            new Dropout(1).forward(x, x, generator.next());
            Map<String, Runnable> work = work(clock.stream, arena, x, y);
            double copy = clock.nanos(() -> clock.stream.copy(x, y));
            rows.add(row("memcpy", dtype, 0, size, false, copy, copy));
            work.forEach(
                    (kernel, call) ->
                            rows.add(
                                    row(
                                            kernel.replace(" in place", ""), dtype,
                                            kernel.startsWith("droppath") ? PATH_P : P, size,
                                            kernel.endsWith(" in place"), clock.nanos(call), copy)));
        }
        return rows;
    }

    private Map<String, Runnable> work(CudaStream stream, Arena arena, Tensor x, Tensor y) {
        Execution execution = Execution.automatic().on(stream);
        Dropout dropout = new Dropout(P).with(execution);
        DropPath path = new DropPath(PATH_P).with(execution);
        Mask mask = device.allocateMask(arena, x.size());
        Map<String, Runnable> work = new LinkedHashMap<>();
        work.put("mask", () -> Masks.draw(mask, P, generator.next(), 0, execution));
        work.put("forward", () -> dropout.forward(x, y, generator.next()));
        work.put("forward in place", () -> dropout.forward(y, y, generator.next()));
        work.put("stored-mask", () -> dropout.forward(x, y, mask));
        long samples = x.size() / SAMPLE;
        if (samples > 0) {
            Tensor in = x.slice(0, samples * SAMPLE).reshape(samples, SAMPLE);
            Tensor out = y.slice(0, samples * SAMPLE).reshape(samples, SAMPLE);
            work.put("droppath", () -> path.forward(in, out, generator.next()));
        }
        return work;
    }

    private BenchRow row(
            String kernel,
            DType dtype,
            double p,
            long size,
            boolean inPlace,
            double nanos,
            double copy) {
        return new BenchRow(
                kernel, "cuda", "sm_" + device.computeCapability().replace(".", ""), dtype, p, size,
                1, inPlace, nanos / size, nanos / copy, SAMPLES);
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
