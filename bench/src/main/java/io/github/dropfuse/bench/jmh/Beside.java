package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.cli.common.CpuClock;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.TimedWork;
import java.util.Arrays;

/** Times a limit beside a benchmark: the median of a few batches of calls. */
final class Beside {
    private static final int BATCHES = 5;

    /** A batch that was preempted is taken again, so often. */
    private static final int TRIES = 4;

    private Beside() {}

    /** Nanoseconds of a call on so many threads. */
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
