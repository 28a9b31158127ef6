package io.github.dropfuse.bench.report;

import io.github.dropfuse.cli.common.Core;
import java.util.stream.IntStream;

/**
 * The iterations of a benchmark that count: those of the state that the core had in most of them,
 * without those in which it changed.
 *
 * @param state {@code fast} or {@code slow}; empty where nobody looked at the core
 * @param iterations their numbers; null for all
 */
record Chosen(String state, int[] iterations) {
    /**
     * Chooses.
     *
     * @param core nanoseconds of known work, by iteration; none where nobody looked
     * @param change by which factor they changed during it
     * @param best the best of the run
     */
    static Chosen of(double[] core, double[] change, double best) {
        if (core.length == 0) {
            return new Chosen("", null);
        }
        int[] fast = chosen(core, change, 0, Core.CHANGE * best);
        int[] slow = chosen(core, change, Core.CHANGE * best, Double.MAX_VALUE);
        return fast.length >= slow.length ? new Chosen("fast", fast) : new Chosen("slow", slow);
    }

    private static int[] chosen(double[] core, double[] change, double above, double most) {
        return IntStream.range(0, core.length)
                .filter(i -> change[i] <= Core.CHANGE && core[i] > above && core[i] <= most)
                .toArray();
    }

    /** Their values. */
    double[] of(double[] values) {
        return iterations == null || values.length == 0
                ? values
                : IntStream.of(iterations).mapToDouble(i -> values[i]).toArray();
    }
}
