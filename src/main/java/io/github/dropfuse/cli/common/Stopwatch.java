package io.github.dropfuse.cli.common;

import java.util.ArrayList;
import java.util.List;

/** Times batches of some work. */
public final class Stopwatch {
    /** Long enough for the clock, short enough for work and its limit to meet the same machine. */
    private static final long BATCH_NANOS = 1_000_000;

    private static final int MOST_CALLS = 1 << 16;

    private final Runnable work;
    private final List<Double> samples = new ArrayList<>();
    private int calls = 1;

    /** Times nothing yet. */
    public Stopwatch(Runnable work) {
        this.work = work;
    }

    /** Calls the work for some time, and finds out how many calls make a batch. */
    public void warmUp(long nanos) {
        long begun = System.nanoTime();
        double fastest = Double.MAX_VALUE;
        int some = 1;
        do {
            fastest = Math.min(fastest, time(some));
            some = Math.min(2 * some, 1024);
        } while (System.nanoTime() - begun < nanos);
        calls = Math.clamp((long) (BATCH_NANOS / fastest), 1, MOST_CALLS);
    }

    /** Times a batch; nanoseconds of a call. */
    public double sample() {
        double nanos = time(calls);
        samples.add(nanos);
        return nanos;
    }

    /** The median of the samples. */
    public double nanos() {
        return median(samples);
    }

    /** The value in the middle, or the mean of both. */
    public static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private double time(int some) {
        long begun = System.nanoTime();
        for (int i = 0; i < some; i++) {
            work.run();
        }
        return Math.max(1, System.nanoTime() - begun) / (double) some;
    }
}
