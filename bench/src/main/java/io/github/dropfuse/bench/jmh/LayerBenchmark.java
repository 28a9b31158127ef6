package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.cli.bench.BenchKernel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Ours: what the library's catalogue gives as examples and {@code dropfuse bench} times. Every call
 * has a state of its own, so a figure is the mean over many masks.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LayerBenchmark {
    @Param("forward")
    public String kernel;

    @Param("false")
    public boolean inPlace;

    private Consumer<PhiloxState> call;
    private Generator generator;

    @Setup
    public void prepare(Workload w, Ours ours) {
        BenchKernel chosen = BenchKernel.named(kernel);
        call = chosen.on(w.tensors(chosen, inPlace), w.p, ours.execution(w));
        generator = Ours.generator();
    }

    /**
     * The benchmark that times a kernel beside its limit.
     *
     * @param kernel what is timed
     * @param inPlace whether in place
     * @return the name of a method of this class
     */
    public static String method(BenchKernel kernel, boolean inPlace) {
        return !kernel.adds() ? "besideCopy" : inPlace ? "besideSumInPlace" : "besideSum";
    }

    /** What has one input and one output, beside a copy. */
    @Benchmark
    public void besideCopy(Workload w, Limit limit) {
        call.accept(generator.next());
    }

    /** What adds, beside a plain sum. */
    @Benchmark
    public void besideSum(Workload w, AddLimit limit) {
        call.accept(generator.next());
    }

    /** The same in place. */
    @Benchmark
    public void besideSumInPlace(Workload w, AddInPlaceLimit limit) {
        call.accept(generator.next());
    }
}
