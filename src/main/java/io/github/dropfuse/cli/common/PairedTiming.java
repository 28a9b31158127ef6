package io.github.dropfuse.cli.common;

import java.util.ArrayList;
import java.util.List;

/** Times batches of some work, each right after one of plain copies of the same size. */
public final class PairedTiming {
    /** Long enough for the compiler to be done. */
    private static final long WARM_UP_NANOS = 20_000_000;

    private static final int LEAST_SAMPLES = 3;

    private final Stopwatch work;
    private final Stopwatch copy;
    private final List<Double> ratios = new ArrayList<>();

    /** Times nothing yet. */
    public PairedTiming(Runnable work, Runnable copy) {
        this.work = new Stopwatch(work);
        this.copy = new Stopwatch(copy);
    }

    /** Takes a sample of each in turn until the time is up, and of each a few whatever it takes. */
    public static void inTurns(List<PairedTiming> all, long nanos) {
        long begun = System.nanoTime();
        long warmUp = Math.min(WARM_UP_NANOS, nanos / 4 / all.size());
        for (PairedTiming one : all) {
            one.copy.warmUp(warmUp);
            one.work.warmUp(warmUp);
        }
        for (int i = 0; i < LEAST_SAMPLES || System.nanoTime() - begun < nanos; i++) {
            for (PairedTiming one : all) {
                double copied = one.copy.sample();
                one.ratios.add(one.work.sample() / copied);
            }
        }
    }

    /** Median time of the work. */
    public double nanos() {
        return work.nanos();
    }

    /** Median time of the copy. */
    public double copyNanos() {
        return copy.nanos();
    }

    /** Median of the work's time over that of the copy just before. */
    public double ratio() {
        return Stopwatch.median(ratios);
    }

    /** How many pairs there are. */
    public int samples() {
        return ratios.size();
    }
}
