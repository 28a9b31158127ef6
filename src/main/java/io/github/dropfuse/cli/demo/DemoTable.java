package io.github.dropfuse.cli.demo;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.cli.common.PairedTiming;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The demo's table: each layer forward and backward, on every backend, timed on the best. */
final class DemoTable {
    private static final String FORMAT = "%-11s %-9s %-10s %-4s %-18s %-15s %9s %6s %10s %7s%n";
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
            equal &= rows(DemoLayer.DROPOUT, p, digits);
        }
        equal &= rows(DemoLayer.DROPPATH, 0.5, digits);
        equal &= rows(DemoLayer.DROPOUT2D, 0.5, digits);
        equal &= rows(DemoLayer.DROPBLOCK2D, 0.3, digits);
        equal &= rows(DemoLayer.TOKENDROP, 0.5, digits);
        return equal & largeRow();
    }

    private boolean rows(DemoLayer layer, double p, Tensor digits) {
        PhiloxState state = generator.next();
        Execution best = Execution.automatic();
        Tensor x = layer.view(digits, arena);
        boolean forward = row(layer, p, x, state, false, best, BUDGET_NANOS);
        return forward & row(layer, p, x, state, true, best, BUDGET_NANOS);
    }

    /** The library's price where memory is the limit: one thread, 64 MiB, beside memcpy. */
    private boolean largeRow() {
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, LARGE_SIDE, LARGE_SIDE);
        for (long i = 0; i < x.size(); i++) {
            x.set(i, i % 1021 - 510);
        }
        out.println("One thread, 64 MiB, beside memcpy:");
        return row(
                DemoLayer.DROPOUT, 0.1, x, generator.next(), false,
                Execution.automatic().sequential(), LARGE_BUDGET_NANOS);
    }

    private boolean row(
            DemoLayer layer,
            double p,
            Tensor x,
            PhiloxState state,
            boolean backward,
            Execution best,
            long budget) {
        DemoLayer.Call call = layer.on(p, best, x, state);
        Tensor some = part(x, call.outputShape(x));
        Tensor in = backward ? some : x;
        Tensor y = Tensor.allocate(arena, x.dtype(), backward ? x.shape() : some.shape());
        Tensor expected = Tensor.allocate(arena, x.dtype(), y.shape());
        call(
                layer.on(p, best.on(Backends.reference()), x, state), backward, in, expected);
        List<Backend> different =
                backends.stream()
                        .filter(
                                backend ->
                                        differs(
                                                layer.on(p, best.on(backend), x, state), backward,
                                                in, y, expected))
                        .toList();
        MemorySegment copy = arena.allocate(x.byteSize(), 64);
        PairedTiming timing =
                PairedTiming.measure(
                        () -> call(call, backward, in, y),
                        () -> copy.copyFrom(x.segment()),
                        budget);
        String kept;
        try (Arena ofMask = Arena.ofConfined()) {
            Mask mask = call.kept(ofMask, x);
            kept = mask.kept() + "/" + mask.units();
        }
        out.printf(
                Locale.ROOT,
                FORMAT,
                layer,
                backward ? "backward" : "forward",
                shape(x),
                p,
                kept,
                different.isEmpty() ? "yes, all " + backends.size() : "NO: " + different,
                time(timing.nanos()),
                String.format(
                        Locale.ROOT, "%.1f", (in.byteSize() + y.byteSize()) / timing.nanos()),
                String.format(Locale.ROOT, "%.1f", 2.0 * x.byteSize() / timing.copyNanos()),
                String.format(Locale.ROOT, "%.2f", timing.ratio()));
        out.flush();
        return different.isEmpty();
    }

    private static boolean differs(
            DemoLayer.Call call, boolean backward, Tensor in, Tensor out, Tensor expected) {
        out.segment().fill((byte) 0xA5);
        call(call, backward, in, out);
        return Bits.firstDifference(out, expected) >= 0;
    }

    private static void call(DemoLayer.Call call, boolean backward, Tensor in, Tensor out) {
        if (backward) {
            call.backward(in, out);
        } else {
            call.forward(in, out);
        }
    }

    /** The first elements, as many as a shape has. */
    private static Tensor part(Tensor x, long... shape) {
        return x.reshape(x.size()).slice(0, Shapes.product(shape)).reshape(shape);
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
