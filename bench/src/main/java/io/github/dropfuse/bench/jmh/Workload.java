package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What every contender is given: one input, one output, a size, a type, a number of threads. Both
 * tensors begin at a page, and every page of them has been written before anything is timed.
 */
@State(Scope.Benchmark)
public class Workload {
    private static final long PAGE = 4096;

    /** Stands for as many threads as there are processors. */
    static final String ALL_THREADS = "all";

    @Param({"4096", "16384", "65536", "1048576", "1210368", "16777216", "67108864"})
    public long elements;

    @Param("float32")
    public String dtype;

    @Param({"1", ALL_THREADS})
    public String threads;

    @Param("0.1")
    public double p;

    private Arena arena;
    private Tensor x;
    private Tensor y;

    /** Allocates and fills. */
    @Setup(Level.Trial)
    public void allocate() {
        arena = Arena.ofShared();
        DType type = DType.valueOf(dtype.toUpperCase(Locale.ROOT));
        x = tensor(arena, type, elements);
        y = tensor(arena, type, elements);
        for (long e = 0; e < elements; e++) {
            x.set(e, value(e));
        }
        System.out.println("# threads: " + threadCount() + ", " + type + ", " + elements
                + " elements");
    }

    /** Gives the output the input's values, as calls in place need after many of them. */
    @Setup(Level.Iteration)
    public void refill() {
        MemorySegment.copy(x.segment(), 0, y.segment(), 0, x.byteSize());
    }

    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    /** The value of an input's element: small integers, which all types hold exactly; none is 0. */
    static float value(long e) {
        int v = (int) (e % 251) - 125;
        return v == 0 ? 1 : v;
    }

    Tensor x() {
        return x;
    }

    Tensor y() {
        return y;
    }

    boolean allThreads() {
        return threads.equals(ALL_THREADS);
    }

    int threadCount() {
        return allThreads() ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(threads);
    }

    /** Another tensor of the type, beginning at a page. */
    Tensor like(Arena owner, long size) {
        return tensor(owner, x.dtype(), size);
    }

    private static Tensor tensor(Arena owner, DType type, long size) {
        MemorySegment segment = owner.allocate(size * type.byteSize(), PAGE);
        return Tensor.of(segment, type, size);
    }
}
