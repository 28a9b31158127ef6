package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.UnitDropout;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The demo's table: each layer forward and backward, on every backend, timed on the best. */
final class DemoTable {
    private static final String FORMAT = "%-9s %-9s %-10s %-4s %-18s %-15s %9s %6s %10s %7s%n";
    private static final long BUDGET_NANOS = 60_000_000;
    private static final long LARGE_BUDGET_NANOS = 1_000_000_000;
    private static final int LARGE_SIDE = 4096;

    private final PrintWriter out;
    private final List<Backend> backends;
    private final Arena arena;
    private final Generator generator = Generator.seeded(42);

    DemoTable(PrintWriter out, List<Backend> backends, Arena arena) {
        this.out = out;
        this.backends = backends;
        this.arena = arena;
    }

    /** Prints the table; true if all backends gave the same bits everywhere. */
    boolean print(Tensor digits) {
        out.printf(
                FORMAT, "layer", "pass", "shape", "p", "kept", "backends equal", "time", "GB/s",
                "copy GB/s", "x copy");
        boolean equal = true;
        for (double p : new double[] {0.1, 0.3, 0.5}) {
            equal &= rows(LayerChoice.DROPOUT, p, digits);
        }
        equal &= rows(LayerChoice.DROPPATH, 0.5, digits);
        return equal & largeRow();
    }

    private boolean rows(LayerChoice choice, double p, Tensor x) {
        PhiloxState state = generator.next();
        Execution best = Execution.automatic();
        boolean forward = row(choice, p, x, state, false, best, BUDGET_NANOS);
        return forward & row(choice, p, x, state, true, best, BUDGET_NANOS);
    }

    /** The library's price where memory is the limit: one thread, 64 MiB, beside memcpy. */
    private boolean largeRow() {
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, LARGE_SIDE, LARGE_SIDE);
        for (long i = 0; i < x.size(); i++) {
            x.set(i, i % 1021 - 510);
        }
        out.println("One thread, 64 MiB, beside memcpy:");
        return row(
                LayerChoice.DROPOUT, 0.1, x, generator.next(), false,
                Execution.automatic().sequential(), LARGE_BUDGET_NANOS);
    }

    private boolean row(
            LayerChoice choice,
            double p,
            Tensor x,
            PhiloxState state,
            boolean backward,
            Execution best,
            long budget) {
        Tensor expected = like(x);
        call(choice.layer(p, best.on(Backends.reference())), backward, x, expected, state);
        Tensor y = like(x);
        List<Backend> different =
                backends.stream()
                        .filter(
                                backend ->
                                        differs(
                                                choice.layer(p, best.on(backend)), backward, x, y,
                                                state, expected))
                        .toList();
        UnitDropout layer = choice.layer(p, best);
        PairedTiming timing =
                PairedTiming.measure(
                        () -> call(layer, backward, x, y, state),
                        () -> MemorySegment.copy(x.segment(), 0, y.segment(), 0, x.byteSize()),
                        budget);
        long kept;
        try (Arena ofMask = Arena.ofConfined()) {
            kept = layer.mask(ofMask, x, state).kept();
        }
        double bytes = 2.0 * x.byteSize();
        out.printf(
                Locale.ROOT,
                FORMAT,
                choice,
                backward ? "backward" : "forward",
                shape(x),
                p,
                kept + "/" + layer.units(x),
                different.isEmpty() ? "yes, all " + backends.size() : "NO: " + different,
                time(timing.nanos()),
                String.format(Locale.ROOT, "%.1f", bytes / timing.nanos()),
                String.format(Locale.ROOT, "%.1f", bytes / timing.copyNanos()),
                String.format(Locale.ROOT, "%.2f", timing.ratio()));
        out.flush();
        return different.isEmpty();
    }

    private static boolean differs(
            UnitDropout layer,
            boolean backward,
            Tensor x,
            Tensor y,
            PhiloxState state,
            Tensor expected) {
        y.segment().fill((byte) 0xA5);
        call(layer, backward, x, y, state);
        return Bits.firstDifference(y, expected) >= 0;
    }

    private static void call(
            UnitDropout layer, boolean backward, Tensor in, Tensor out, PhiloxState state) {
        if (backward) {
            layer.backward(in, out, state);
        } else {
            layer.forward(in, out, state);
        }
    }

    private Tensor like(Tensor x) {
        return Tensor.allocate(arena, x.dtype(), x.shape());
    }

    private static String shape(Tensor x) {
        return Arrays.stream(x.shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }

    private static String time(double nanos) {
        return nanos < 1e6
                ? String.format(Locale.ROOT, "%.1f us", nanos / 1e3)
                : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
    }
}
