package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.cli.common.Core;
import io.github.dropfuse.cli.common.CpuClock;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.TimedWork;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * Looks at an iteration from outside: times a limit right before and right after it, as {@code
 * dropfuse bench} does, and tells how fast the core was and for how much of it the thread ran.
 */
final class Beside {
    private static final int BATCHES = 3;

    /** A batch that was preempted is taken again, so often. */
    private static final int TRIES = 4;

    /** So long the limit and the known work run before the first iteration, to be compiled. */
    private static final long WARM_UP_NANOS = 500_000_000;

    private boolean warm;

    private double limitBefore;
    private double coreBefore;
    private long wallBegun;
    private long cpuBegun;

    /** Nanoseconds of the limit: the mean of the medians before and after the iteration. */
    double limit;

    /** Nanoseconds of known work: the mean before and after. */
    double core;

    /** How much longer it took at one of these than at the other, at least 1. */
    double coreChange;

    /** The thread's part of the iteration on a processor; 1 where that is not known. */
    double onProcessor;

    void before(DoubleSupplier median) {
        if (!warm) {
            warmUp(median);
            warm = true;
        }
        limitBefore = median.getAsDouble();
        coreBefore = Core.nanos();
        cpuBegun = CpuClock.THREAD.nanos();
        wallBegun = System.nanoTime();
    }

    private static void warmUp(DoubleSupplier median) {
        median.getAsDouble();
        Core.nanos();
        long begun = System.nanoTime(); // now that what they use is initialised
        while (System.nanoTime() - begun < WARM_UP_NANOS) {
            median.getAsDouble();
            Core.nanos();
        }
    }

    void after(DoubleSupplier median) {
        double wall = System.nanoTime() - wallBegun;
        onProcessor = cpuBegun < 0 ? 1 : (CpuClock.THREAD.nanos() - cpuBegun) / wall;
        double coreAfter = Core.nanos();
        core = (coreBefore + coreAfter) / 2;
        coreChange = Math.max(coreBefore, coreAfter) / Math.min(coreBefore, coreAfter);
        limit = (limitBefore + median.getAsDouble()) / 2;
    }

    /** Nanoseconds of a call on so many threads: the median of a few batches. */
    static double median(Runnable call, int threads) {
        TimedWork work =
                TimedWork.of(call, threads == 1 ? CpuClock.THREAD : CpuClock.ALL_THREADS);
        int calls = work.callsOfABatch(0);
        double[] nanos = new double[BATCHES];
        Arrays.setAll(nanos, i -> batch(work, calls) / calls);
        return Figure.of(nanos).median();
    }

    private static double batch(TimedWork work, int calls) {
        TimedWork.Times times = work.time(calls);
        for (int i = 1; i < TRIES && times.preempted(); i++) {
            times = work.time(calls);
        }
        return times.preempted() ? times.cpu() : times.wall();
    }
}
