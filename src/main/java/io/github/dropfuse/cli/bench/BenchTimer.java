package io.github.dropfuse.cli.bench;

import io.github.dropfuse.cli.common.PairedTiming;
import java.util.ArrayList;
import java.util.List;

/** Times batches of some work, each right after a batch of plain copies of the same size. */
final class BenchTimer {
    /** Long enough for the clock, short enough for both to meet the same machine. */
    private static final long BATCH_NANOS = 1_000_000;

    /** Long enough for the compiler to be done. */
    private static final long WARM_UP_NANOS = 20_000_000;

    private static final int MOST_CALLS = 1 << 16;
    private static final int LEAST_SAMPLES = 3;

    private final Runnable work;
    private final Runnable copy;
    private final List<Double> nanos = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private int workCalls;
    private int copyCalls;

    BenchTimer(Runnable work, Runnable copy) {
        this.work = work;
        this.copy = copy;
    }

    /** Takes a sample of each in turn until the time is up, and of each a few whatever it takes. */
    static void inTurns(List<BenchTimer> timers, long nanos) {
        long begun = System.nanoTime();
        timers.forEach(timer -> timer.warmUp(Math.min(WARM_UP_NANOS, nanos / 4 / timers.size())));
        for (int i = 0; i < LEAST_SAMPLES || System.nanoTime() - begun < nanos; i++) {
            timers.forEach(BenchTimer::sample);
        }
    }

    /** Median time of a call. */
    double nanos() {
        return PairedTiming.median(nanos.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Median of a call's time over that of a copy. */
    double ratio() {
        return PairedTiming.median(ratios.stream().mapToDouble(Double::doubleValue).toArray());
    }

    int samples() {
        return nanos.size();
    }

    private void warmUp(long budget) {
        copyCalls = callsPerBatch(copy, budget);
        workCalls = callsPerBatch(work, budget);
    }

    private static int callsPerBatch(Runnable task, long budget) {
        long begun = System.nanoTime();
        double fastest = Double.MAX_VALUE;
        int calls = 1;
        do {
            fastest = Math.min(fastest, time(task, calls));
            calls = Math.min(2 * calls, 1024);
        } while (System.nanoTime() - begun < budget);
        return (int) Math.clamp((long) (BATCH_NANOS / fastest), 1, MOST_CALLS);
    }

    private void sample() {
        double copied = time(copy, copyCalls);
        double worked = time(work, workCalls);
        nanos.add(worked);
        ratios.add(worked / copied);
    }

    private static double time(Runnable task, int calls) {
        long begun = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            task.run();
        }
        return Math.max(1, System.nanoTime() - begun) / (double) calls;
    }
}
