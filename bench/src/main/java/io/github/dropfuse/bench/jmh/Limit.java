package io.github.dropfuse.bench.jmh;

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

    private static double median(Workload w) {
        return Beside.median(
                () -> Copying.segmentCopy(w.x().segment(), w.y().segment(), w.threadCount()),
                w.threadCount());
    }
}
