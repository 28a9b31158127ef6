package io.github.dropfuse.bench.jmh;

import java.util.Arrays;

/** Times a limit beside a benchmark: the median of a few batches of calls. */
final class Beside {
    private static final int BATCHES = 5;
    private static final long BATCH_NANOS = 2_000_000;

    private Beside() {}

    /** Nanoseconds of a call. */
    static double median(Runnable call) {
        double once = time(call, 1);
        int calls = Math.clamp((long) (BATCH_NANOS / once), 1, 100_000);
        double[] times = new double[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            times[i] = time(call, calls);
        }
        Arrays.sort(times);
        return times[BATCHES / 2];
    }

    private static double time(Runnable call, int calls) {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return Math.max(1, System.nanoTime() - begin) / (double) calls;
    }
}
