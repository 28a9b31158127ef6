package io.github.dropfuse.cli.demo;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.PairedTiming;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.TimedWork;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Layer;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/** The demo's table: each layer forward and backward, on every backend, timed on the best. */
final class DemoTable {
    private static final String FORMAT = "%-11s %-9s %-10s %-4s %-18s %-15s %9s %6s %10s %7s%n";
    private static final long BUDGET_NANOS = 60_000_000;
    private static final long LARGE_BUDGET_NANOS = 1_000_000_000;
    private static final int LARGE_SIDE = 4096;

    private final PrintWriter out;
    private final List<Staging> places;
    private final Arena arena;
    private final Generator generator = Generator.seeded(42);
    private boolean disturbed;

    DemoTable(PrintWriter out, List<Staging> places, Arena arena) {
        this.out = out;
        this.places = places;
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
        equal &= largeRow();
        if (disturbed) {
            out.println("(-: other work disturbed it too much to be trusted)");
        }
        return equal;
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
            DemoLayer demo,
            double p,
            Tensor x,
            PhiloxState state,
            boolean backward,
            Execution best,
            long budget) {
        Layer layer = demo.make(p);
        Tensor some = Shapes.part(x, demo.outputShape(layer, x));
        Tensor in = backward ? some : x;
        Tensor y = Tensor.allocate(arena, x.dtype(), backward ? x.shape() : some.shape());
        Tensor expected = Tensor.allocate(arena, x.dtype(), y.shape());
        call(layer.with(best.on(Backends.reference())), backward, in, expected, state);
        List<Staging> different =
                places.stream()
                        .filter(
                                place -> {
                                    y.segment().fill((byte) 0xA5);
                                    Layer there = layer.with(place.execution());
                                    place.run(
                                            new Tensor[] {in, y},
                                            t -> call(there, backward, t[0], t[1], state));
                                    return Bits.firstDifference(y, expected) >= 0;
                                })
                        .toList();
        MemorySegment copy = arena.allocate(x.byteSize(), 64);
        Layer timed = layer.with(best);
        PairedTiming timing =
                new PairedTiming(
                        TimedWork.of(() -> call(timed, backward, in, y, state)),
                        TimedWork.of(() -> copy.copyFrom(x.segment())));
        PairedTiming.inTurns(List.of(timing), budget);
        PairedTiming.State core = timing.usual();
        String kept;
        try (Arena ofMask = Arena.ofConfined()) {
            Mask mask = layer.mask(ofMask, x, state);
            kept = mask.kept() + "/" + mask.units();
        }
        out.printf(
                Locale.ROOT,
                FORMAT,
                demo,
                backward ? "backward" : "forward",
                shape(x),
                p,
                kept,
                different.isEmpty() ? "yes, all " + places.size() : "NO: " + different,
                figure(timing.nanos(core), DemoTable::time),
                figure(
                        timing.nanos(core),
                        nanos -> number("%.1f", (in.byteSize() + y.byteSize()) / nanos)),
                figure(
                        timing.limitNanos(core),
                        nanos -> number("%.1f", 2.0 * x.byteSize() / nanos)),
                figure(timing.ratio(core), ratio -> number("%.2f", ratio)));
        out.flush();
        return different.isEmpty();
    }

    private static void call(
            Layer layer, boolean backward, Tensor in, Tensor out, PhiloxState state) {
        if (backward) {
            layer.backward(in, out, state);
        } else {
            layer.forward(in, out, state);
        }
    }


    private static String shape(Tensor x) {
        return Arrays.stream(x.shape()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }

    private String figure(Figure figure, DoubleFunction<String> text) {
        disturbed |= !figure.trusted();
        return figure.trusted() ? text.apply(figure.median()) : "-";
    }

    private static String time(double nanos) {
        return nanos < 1e6 ? number("%.1f us", nanos / 1e3) : number("%.2f ms", nanos / 1e6);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
