package io.github.dropfuse.cli.common;

import java.util.EnumMap;
import java.util.Map;

/**
 * Something to be called over and over.
 *
 * @param call the work
 * @param restore run before so many calls, outside of the time
 * @param calls most calls after each
 * @param clock which processor time counts
 */
public record TimedWork(Runnable call, Runnable restore, int calls, CpuClock clock) {
    /** Long beside the clocks' own times, short beside a time slice. */
    private static final double BATCH_NANOS = 200_000;

    /** Enough for them to be compiled, and then some. */
    private static final int CLOCK_TRIES = 10_000;

    private static final int MOST_CALLS = 1 << 16;

    /** What the clocks take by themselves, as they are read around nothing. */
    private static final Map<CpuClock, Times> CLOCKS = new EnumMap<>(CpuClock.class);

    static {
        for (CpuClock clock : CpuClock.values()) {
            TimedWork nothing = of(() -> {}, clock);
            double wall = Double.MAX_VALUE;
            double cpu = Double.MAX_VALUE;
            for (int i = 0; i < CLOCK_TRIES; i++) {
                Times times = nothing.time(1);
                wall = Math.min(wall, times.wall());
                cpu = Math.min(cpu, times.cpu());
            }
            CLOCKS.put(clock, new Times(wall, Math.max(0, cpu), false));
        }
    }

    /** Work that the calling thread does by itself, and that needs nothing to be restored. */
    public static TimedWork of(Runnable call) {
        return of(call, CpuClock.THREAD);
    }

    /** Work that needs nothing to be restored. */
    public static TimedWork of(Runnable call, CpuClock clock) {
        return new TimedWork(call, () -> {}, Integer.MAX_VALUE, clock);
    }

    /**
     * Nanoseconds of some calls, all in all.
     *
     * @param wall on the wall
     * @param cpu on processors, negative where that is not known
     * @param preempted whether the thread was off its processor for a noticeable time, as far as
     *     that is known: not of work that other threads share
     */
    public record Times(double wall, double cpu, boolean preempted) {}

    /** Calls the work for some time, and finds out how many calls make a batch. */
    public int callsOfABatch(long warmUpNanos) {
        long begun = System.nanoTime();
        double fastest = Double.MAX_VALUE;
        int some = 1;
        do {
            fastest = Math.min(fastest, time(some).wall() / some);
            some = Math.min(2 * some, 1024);
        } while (System.nanoTime() - begun < warmUpNanos);
        return Math.clamp((long) (BATCH_NANOS / fastest), 1, MOST_CALLS);
    }

    /** Times so many calls. */
    public Times time(int many) {
        double wall = 0;
        double cpu = 0;
        boolean known = true;
        for (int left = many; left > 0; left -= Math.min(left, calls)) {
            restore.run();
            long cpuBegun = clock.nanos();
            long begun = System.nanoTime();
            for (int i = Math.min(left, calls); i > 0; i--) {
                call.run();
            }
            wall += System.nanoTime() - begun;
            cpu += clock.nanos() - cpuBegun;
            known &= cpuBegun >= 0;
            if (CLOCKS.containsKey(clock)) {
                wall -= CLOCKS.get(clock).wall();
                cpu -= CLOCKS.get(clock).cpu();
            }
        }
        double away = wall - cpu;
        return new Times(
                Math.max(1, wall),
                known ? Math.max(1, cpu) : -1,
                known && clock == CpuClock.THREAD && away > 5_000 && away > 0.02 * wall);
    }
}
