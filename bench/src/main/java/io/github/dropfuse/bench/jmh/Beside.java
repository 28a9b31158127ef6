package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.cli.common.Stopwatch;

/** Times a limit beside a benchmark: the median of a few batches of calls. */
final class Beside {
    private static final int BATCHES = 5;

    private Beside() {}

    /** Nanoseconds of a call. */
    static double median(Runnable call) {
        Stopwatch watch = new Stopwatch(call);
        watch.warmUp(0);
        for (int i = 0; i < BATCHES; i++) {
            watch.sample();
        }
        return watch.nanos();
    }
}
