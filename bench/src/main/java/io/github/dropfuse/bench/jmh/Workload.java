package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.bench.BenchKernel;
import io.github.dropfuse.cli.bench.BenchTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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

    /** As of a vision transformer's base model. */
    static final long TOKENS = 197;

    static final long CHANNELS = 768;

    /** Elements of a sample of one. */
    static final long SAMPLE = TOKENS * CHANNELS;

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
    private Tensor residual;
    private final List<MemorySegment> memory = new ArrayList<>();

    /** Allocates and fills. */
    @Setup(Level.Trial)
    public void allocate() {
        arena = Arena.ofShared();
        DType type = DType.valueOf(dtype.toUpperCase(Locale.ROOT));
        x = tensor(type, elements);
        y = tensor(type, elements);
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

    /** A tensor of other values, to be added to. */
    Tensor residual() {
        if (residual == null) {
            residual = filled(elements, 1);
        }
        return residual;
    }

    /** The tensors as a kernel takes them. */
    BenchTensors tensors(BenchKernel kernel, boolean inPlace) {
        BenchTensors all =
                new BenchTensors(
                        x,
                        y,
                        kernel.second() ? residual() : y,
                        arena,
                        length -> filled(length, 2),
                        this::mask);
        return all.forKernel(kernel, inPlace);
    }

    /** Values that are some elements ahead of the input's. */
    private Tensor filled(long size, int ahead) {
        Tensor tensor = tensor(x.dtype(), size);
        for (long e = 0; e < size; e++) {
            tensor.set(e, value(e + ahead));
        }
        return tensor;
    }

    private Mask mask(long units) {
        Mask mask = Mask.allocate(arena, units);
        memory.add(mask.segment());
        return mask;
    }

    /** All that a call may have written. */
    List<MemorySegment> memory() {
        return memory;
    }

    private Tensor tensor(DType type, long size) {
        MemorySegment segment = arena.allocate(size * type.byteSize(), PAGE);
        memory.add(segment);
        return Tensor.of(segment, type, size);
    }
}
