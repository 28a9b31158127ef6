package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.PairedTiming.State;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code dropfuse bench} found out about one kernel on one backend.
 *
 * @param kernel what was done
 * @param backend who did it
 * @param tier with which instruction set
 * @param dtype the tensor's type
 * @param elements the tensor's size
 * @param threads how many took part at most
 * @param inPlace whether the output was the input
 * @param cold whether the tensors were in no cache
 * @param times what was measured
 */
record BenchRow(
        BenchKernel kernel,
        String backend,
        String tier,
        DType dtype,
        long elements,
        int threads,
        boolean inPlace,
        boolean cold,
        BenchTimes times) {
    private static final String FORMAT =
            "%-9s %10s %7s  %-26s  %-4s %-15s %-7s %10s %10s %9s %7s %6s  %s";

    static final String HEADER =
            String.format(
                    Locale.ROOT, FORMAT, "type", "elements", "threads", "kernel", "from", "backend",
                    "core", "ns/element", "cpu ns", "× memcpy", "spread", "limit", "kept of all");

    /** Figures of the usual state; those of every state that was seen are in {@code states}. */
    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kernel", kernel.name());
        fields.put("backend", backend);
        fields.put("tier", tier);
        fields.put("dtype", dtype.toString());
        fields.put("p", kernel.p());
        fields.put("elements", elements);
        fields.put("threads", threads);
        fields.put("inPlace", inPlace);
        fields.put("buffers", cold ? "cold" : "warm");
        fields.putAll(figures(times.usual()));
        fields.put("limit", kernel.limit());
        fields.put("state", times.state());
        fields.put("preempted", times.preempted());
        fields.put("changed", times.changed());
        Map<String, Object> states = new LinkedHashMap<>();
        times.of().forEach((state, of) -> states.put(name(state), figures(of)));
        fields.put("states", states);
        return fields;
    }

    private Map<String, Object> figures(BenchTimes.OfState of) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("nsPerElement", number(of.nanos().median() / elements));
        fields.put("leastNsPerElement", number(of.nanos().least() / elements));
        fields.put("cpuNsPerElement", number(of.cpuNanos().median() / elements));
        fields.put("ratioToMemcpy", number(of.ratio().median()));
        fields.put("spread", number(of.ratio().spread()));
        fields.put("samples", of.ratio().samples());
        fields.put("trusted", of.ratio().trusted());
        fields.put("doubt", of.ratio().doubt());
        return fields;
    }

    /** There is no number for what was not measured, and none in JSON for NaN. */
    private static Double number(double value) {
        return Double.isNaN(value) || value < 0 ? null : value;
    }

    /** A line for each state that there are enough samples of, or for the usual one. */
    String lines() {
        StringBuilder lines = new StringBuilder(line(times.usualState(), times.usual()));
        times.of()
                .forEach(
                        (state, of) -> {
                            if (state != times.usualState()
                                    && of.ratio().samples() >= Figure.LEAST_SAMPLES) {
                                lines.append('\n').append(line(state, of));
                            }
                        });
        return lines.toString();
    }

    private String line(State state, BenchTimes.OfState of) {
        Figure ratio = of.ratio();
        int all = times.all();
        return String.format(
                Locale.ROOT,
                FORMAT,
                dtype,
                elements,
                threads,
                kernel + (inPlace ? " in place" : ""),
                cold ? "cold" : "warm",
                backend + "/" + tier,
                name(state),
                text("%.4f", of.nanos(), of.nanos().median() / elements),
                text("%.4f", of.cpuNanos(), of.cpuNanos().median() / elements),
                text("%.2f", ratio, ratio.median()),
                ratio.samples() == 0 ? "-" : spread(ratio.spread()),
                text("%.2f", kernel.limit()),
                ratio.samples() + " of " + all
                        + (ratio.trusted() ? "" : ", not to be trusted: " + ratio.doubt()));
    }

    private static String name(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** No wider than its column, whatever the times were. */
    private static String spread(double spread) {
        return spread < 9.995 ? text("%.0f %%", 100 * spread) : "> 999 %";
    }

    private static String text(String format, Figure figure, double value) {
        return figure.trusted() && value >= 0 ? text(format, value) : "-";
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
