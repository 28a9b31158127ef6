package io.github.dropfuse.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Times a plain copy of the same tensors, on as many threads, right before and right after each
 * iteration, so that a ratio compares two times of the same seconds in the same process. It is
 * Java's or the C library's, whichever is faster.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Limit {
    private final Beside beside = new Beside();

    /** Nanoseconds of one copy, the mean of the medians before and after the iteration. */
    public double memcpy;

    /** Nanoseconds of known work, which tell how fast the core was. */
    public double core;

    /** By which factor that changed during the iteration. */
    public double coreChange;

    /** The thread's part of the iteration on a processor. */
    public double onProcessor;

    @Setup(Level.Iteration)
    public void before(Workload workload) {
        beside.before(() -> median(workload));
    }

    @TearDown(Level.Iteration)
    public void after(Workload workload) {
        beside.after(() -> median(workload));
        memcpy = beside.limit;
        core = beside.core;
        coreChange = beside.coreChange;
        onProcessor = beside.onProcessor;
    }

    private static double median(Workload w) {
        double java =
                Beside.median(
                        () -> Copying.segmentCopy(
                                w.x().segment(), w.y().segment(), w.threadCount()),
                        w.threadCount());
        double c =
                Beside.median(
                        () -> Copying.cMemcpy(w.x().segment(), w.y().segment(), w.threadCount()),
                        w.threadCount());
        return Math.min(java, c);
    }
}
