package io.github.dropfuse.cli.common;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times some work and a plain copy in turns, so that both meet the same machine.
 *
 * @param nanos median time of the work
 * @param copyNanos median time of the copy
 * @param ratio median of the work's time over that of the copy next to it
 */
public record PairedTiming(double nanos, double copyNanos, double ratio) {
    private static final int MIN_PAIRS = 15;

    /** Measures for about as long as given, after a quarter of that to warm up. */
    public static PairedTiming measure(Runnable work, Runnable copy, long budgetNanos) {
        pairs(work, copy, budgetNanos / 4);
        List<double[]> pairs = pairs(work, copy, budgetNanos);
        return new PairedTiming(
                median(pairs.stream().mapToDouble(pair -> pair[0]).toArray()),
                median(pairs.stream().mapToDouble(pair -> pair[1]).toArray()),
                median(pairs.stream().mapToDouble(pair -> pair[0] / pair[1]).toArray()));
    }

    private static List<double[]> pairs(Runnable work, Runnable copy, long budgetNanos) {
        List<double[]> pairs = new ArrayList<>();
        long begun = System.nanoTime();
        while (pairs.size() < MIN_PAIRS || System.nanoTime() - begun < budgetNanos) {
            pairs.add(new double[] {time(work), time(copy)});
        }
        return pairs;
    }

    private static double time(Runnable task) {
        long begun = System.nanoTime();
        task.run();
        return Math.max(1, System.nanoTime() - begun);
    }

    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
