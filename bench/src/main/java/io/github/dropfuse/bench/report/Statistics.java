package io.github.dropfuse.bench.report;

import java.util.Arrays;

/** Order statistics of a few samples. */
final class Statistics {
    private Statistics() {}

    static double median(double... samples) {
        return quantile(0.5, samples);
    }

    /** Linear between the samples; NaN without any. */
    static double quantile(double q, double... samples) {
        if (samples.length == 0) {
            return Double.NaN;
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
