package io.github.dropfuse.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Times the plain loop {@code a += b} on the same tensors, as {@link Limit} times the copy.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class AddInPlaceLimit {
    private double before;

    /** Nanoseconds of one loop, the mean of the medians before and after the iteration. */
    public double addInPlace;

    @Setup(Level.Iteration)
    public void before(Workload workload) {
        before = median(workload);
    }

    @TearDown(Level.Iteration)
    public void after(Workload workload) {
        addInPlace = (before + median(workload)) / 2;
    }

    private static double median(Workload w) {
        return Beside.median(
                () -> Adding.addInPlace(w.y(), w.x(), w.threadCount()), w.threadCount());
    }
}
