package io.github.dropfuse.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Times the plain loop {@code out = a + b} on the same tensors, as {@link Limit} times the copy: with stores that
 * bypass the cache or without, whichever is faster.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class AddLimit {
    private double before;

    /** Nanoseconds of one loop, the mean of the medians before and after the iteration. */
    public double add;

    @Setup(Level.Iteration)
    public void before(Workload workload) {
        before = median(workload);
    }

    @TearDown(Level.Iteration)
    public void after(Workload workload) {
        add = (before + median(workload)) / 2;
    }

    private static double median(Workload w) {
        double kept =
                Beside.median(
                        () -> Adding.add(w.x(), w.residual(), w.y(), w.threadCount()),
                        w.threadCount());
        double streamed =
                Beside.median(
                        () -> Adding.addStreamed(w.x(), w.residual(), w.y(), w.threadCount()),
                        w.threadCount());
        return Math.min(kept, streamed);
    }
}
