package io.github.dropfuse.cli.common;

import java.util.Arrays;

/**
 * Order statistics of some measurements, and whether they are to be believed.
 *
 * @param samples how many there are
 * @param least the minimum; like the others NaN where there are none
 * @param lower first quartile
 * @param median the value in the middle, or the mean of both
 * @param upper third quartile
 * @param unsure width of the median's 95 % confidence interval, by ranks, relative to the median
 * @param doubt why the median is not to be believed; empty if it is
 */
public record Figure(
        int samples,
        double least,
        double lower,
        double median,
        double upper,
        double unsure,
        String doubt) {
    /** Fewer measurements are not believed. */
    public static final int LEAST_SAMPLES = 7;

    /** A median that is not known better than to within so much of it is not believed. */
    private static final double LEAST_SURE = 0.05;

    /** Two heaps are so much of the median apart. */
    private static final double APART = 0.05;

    /** Half of a 95 % confidence interval, in standard deviations of a rank of √n / 2. */
    private static final double CONFIDENCE = 1.96;

    /** The figure of some measurements, in any order. */
    public static Figure of(double... values) {
        int n = values.length;
        if (n == 0) {
            double none = Double.NaN;
            return new Figure(0, none, none, none, none, none, "too few");
        }
        double[] v = values.clone();
        Arrays.sort(v);
        double median = (v[(n - 1) / 2] + v[n / 2]) / 2;
        int rank = Math.max(0, (int) (n / 2.0 - CONFIDENCE * Math.sqrt(n) / 2));
        double unsure = (v[n - 1 - rank] - v[rank]) / median;
        String doubt = "";
        if (n < LEAST_SAMPLES) {
            doubt = "too few";
        } else if (twoHeaps(v)) {
            doubt = "two heaps";
        } else if (unsure > LEAST_SURE) {
            doubt = "unsure";
        }
        return new Figure(n, v[0], v[n / 4], median, v[n - 1 - n / 4], unsure, doubt);
    }

    /** Whether the median is to be believed. */
    public boolean trusted() {
        return doubt.isEmpty();
    }

    /** The distance of the quartiles, relative to the median. */
    public double spread() {
        return (upper - lower) / median;
    }

    /**
     * Whether sorted values fall into two heaps of a quarter at least, far apart beside the heaps'
     * own spread. Evenly spread values are 3.5 times the deviation apart, normal ones 2.7 times.
     */
    private static boolean twoHeaps(double[] v) {
        int n = v.length;
        double total = Arrays.stream(v).sum();
        double sum = 0;
        for (int k = 1; k < n; k++) {
            sum += v[k - 1];
            if (4 * k < n || 4 * (n - k) < n) {
                continue;
            }
            double low = sum / k;
            double high = (total - sum) / (n - k);
            double squares = 0;
            for (int j = 0; j < n; j++) {
                double away = v[j] - (j < k ? low : high);
                squares += away * away;
            }
            double apart = high - low;
            if (apart > APART * v[n / 2] && apart * apart * n > 25 * squares) {
                return true;
            }
        }
        return false;
    }
}
