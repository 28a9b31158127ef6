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
    private final Beside beside = new Beside();

    /** Nanoseconds of one loop, the mean of the medians before and after the iteration. */
    public double add;

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
        add = beside.limit;
        core = beside.core;
        coreChange = beside.coreChange;
        onProcessor = beside.onProcessor;
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
