package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Times a plain copy of the same tensors, on as many threads, right before and right after each
 * iteration, so that a ratio compares two times of the same seconds in the same process.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Limit {
    private static final int BATCHES = 5;
    private static final long BATCH_NANOS = 2_000_000;

    private double before;

    /** Nanoseconds of one copy, the mean of the medians before and after the iteration. */
    public double memcpy;

    @Setup(Level.Iteration)
    public void before(Workload workload) {
        before = median(workload);
    }

    @TearDown(Level.Iteration)
    public void after(Workload workload) {
        memcpy = (before + median(workload)) / 2;
    }

    private static double median(Workload workload) {
        double once = time(workload, 1);
        int calls = Math.clamp((long) (BATCH_NANOS / once), 1, 100_000);
        double[] times = new double[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            times[i] = time(workload, calls);
        }
        Arrays.sort(times);
        return times[BATCHES / 2];
    }

    private static double time(Workload workload, int calls) {
        Tensor x = workload.x();
        Tensor y = workload.y();
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            Copying.segmentCopy(x.segment(), y.segment(), workload.threadCount());
        }
        return Math.max(1, System.nanoTime() - begin) / (double) calls;
    }
}
