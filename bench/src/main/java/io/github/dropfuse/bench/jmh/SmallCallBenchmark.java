package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.bench.Places;
import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.ffi.dropfuse_place;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What stands between a caller and a kernel on a small tensor: the layer with its checks, the
 * kernels' interface, a bare downcall, JNI, and the C kernel called by C. All of them do the same
 * work on the same memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class SmallCallBenchmark {
    private static final double P = 0.1;
    private static final double SCALE = 1 / (1 - P);
    private static final Effect EFFECT = Effect.drop(P, SCALE);
    static final int C_CALLS = 1000;

    /** So many that the processor cannot learn which elements the calls drop. */
    private static final int STATES = 1 << 14;

    /** Loads the library, whose addresses the handles below need. */
    private static final Backend BACKEND = Backends.require("native");

    private static final SymbolLookup BENCH =
            SymbolLookup.libraryLookup(Places.nativeLibrary("dropfuse_bench"), Arena.global());
    private static final MethodHandle PLAIN = dropfuse_h.dropfuse_drop$handle();
    private static final MethodHandle CRITICAL =
            Linker.nativeLinker()
                    .downcallHandle(
                            dropfuse_h.dropfuse_drop$address(),
                            dropfuse_h.dropfuse_drop$descriptor(),
                            Linker.Option.critical(false));
    private static final MethodHandle NOTHING =
            handle("bench_nothing", FunctionDescriptor.ofVoid());
    private static final MethodHandle NOTHING_CRITICAL =
            handle(
                    "bench_nothing",
                    FunctionDescriptor.ofVoid(),
                    Linker.Option.critical(false));
    private static final MethodHandle C_LOOP =
            handle(
                    "bench_drop_calls",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_DOUBLE,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG));

    @Param("64")
    public int elements;

    Tensor x;
    Tensor y;
    private Dropout layer;
    private Kernels kernels;
    private Generator generator;
    private PhiloxState[] states;
    private long call;
    private MemorySegment place;

    @Setup
    public void prepare() {
        x = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, elements);
        y = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, elements);
        for (int e = 0; e < elements; e++) {
            x.set(e, Workload.value(e));
        }
        layer = new Dropout(P).with(Execution.automatic().on(BACKEND));
        kernels = BackendRegistry.get().available().getFirst();
        generator = Ours.generator();
        states = new PhiloxState[STATES];
        Arrays.setAll(states, i -> generator.next());
        generator = Ours.generator();
        call = 0;
        place = dropfuse_place.allocate(Arena.ofAuto());
        dropfuse_place.tier(place, dropfuse_h.dropfuse_best_tier());
        System.out.println("# contender: Dropfuse, backend " + BACKEND.name() + ", tier "
                + BACKEND.tier() + ", " + elements + " elements");
    }

    /** The whole layer call, with a state drawn before: a backward pass, for one. */
    @Benchmark
    public void layer() {
        layer.forward(x, y, states[(int) call++ & STATES - 1]);
    }

    /** The whole layer call and the generator's next state. */
    @Benchmark
    public void layerAndGenerator() {
        layer.forward(x, y, generator.next());
    }

    /** The kernels' interface, without the layer's checks. */
    @Benchmark
    public void kernels() {
        PhiloxState state = states[(int) call++ & STATES - 1];
        kernels.apply(EFFECT, state, Layout.ELEMENTS, x, null, null, y, Range.ALL);
    }

    /** FFM alone, with the linker option that short calls get. */
    @Benchmark
    public int ffmCritical() throws Throwable {
        return (int)
                CRITICAL.invokeExact(
                        place, dropfuse_h.DROPFUSE_FLOAT32(), x.segment(), y.segment(), 0L,
                        (long) elements, 1L, 1L, 1L, 1L, MemorySegment.NULL, P, Ours.SEED, call++,
                        0L, SCALE, -0.0, 0.0);
    }

    /** FFM alone, as jextract generates it. */
    @Benchmark
    public int ffm() throws Throwable {
        return (int)
                PLAIN.invokeExact(
                        place, dropfuse_h.DROPFUSE_FLOAT32(), x.segment(), y.segment(), 0L,
                        (long) elements, 1L, 1L, 1L, 1L, MemorySegment.NULL, P, Ours.SEED, call++,
                        0L, SCALE, -0.0, 0.0);
    }

    @Benchmark
    public int jni() {
        return Jni.drop(
                place.address(), x.segment().address(), y.segment().address(), elements, P,
                Ours.SEED, call++, SCALE);
    }

    /** The kernel called by a loop in C: what the rows above are compared with. */
    @Benchmark
    @OperationsPerInvocation(C_CALLS)
    public int c() throws Throwable {
        long first = call;
        call += C_CALLS;
        return (int)
                C_LOOP.invokeExact(
                        place, x.segment(), y.segment(), (long) elements, P, first,
                        (long) C_CALLS);
    }

    @Benchmark
    public void emptyFfmCritical() throws Throwable {
        NOTHING_CRITICAL.invokeExact();
    }

    @Benchmark
    public void emptyFfm() throws Throwable {
        NOTHING.invokeExact();
    }

    @Benchmark
    public void emptyJni() {
        Jni.nothing();
    }

    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(BENCH.findOrThrow(name), descriptor, options);
    }
}
