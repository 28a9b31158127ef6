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
    private final Beside beside = new Beside();

    /** Nanoseconds of one loop, the mean of the medians before and after the iteration. */
    public double addInPlace;

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
        addInPlace = beside.limit;
        core = beside.core;
        coreChange = beside.coreChange;
        onProcessor = beside.onProcessor;
    }

    private static double median(Workload w) {
        return Beside.median(
                () -> Adding.addInPlace(w.y(), w.x(), w.threadCount()), w.threadCount());
    }
}
