package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What forms with a residual need beside the workload: that tensor, and vectors of its channels. */
@State(Scope.Benchmark)
public class Residual {
    /** As of a vision transformer's base model. */
    static final long CHANNELS = 768;

    private Arena arena;
    private Tensor residual;
    private Tensor vector;
    private Tensor gradient;

    /** Allocates and fills. */
    @Setup(Level.Trial)
    public void allocate(Workload w) {
        arena = Arena.ofShared();
        residual = w.like(arena, w.elements);
        vector = w.like(arena, CHANNELS);
        gradient = w.like(arena, CHANNELS);
        for (long e = 0; e < w.elements; e++) {
            residual.set(e, Workload.value(e + 1));
        }
        for (long c = 0; c < CHANNELS; c++) {
            vector.set(c, Workload.value(c + 2));
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    Tensor residual() {
        return residual;
    }

    /** The bias, or γ. */
    Tensor vector() {
        return vector;
    }

    /** Receives the vector's gradient. */
    Tensor gradient() {
        return gradient;
    }
}
