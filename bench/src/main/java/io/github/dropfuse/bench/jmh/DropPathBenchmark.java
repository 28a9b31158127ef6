package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Our DropPath on a batch of vision-transformer activations, 197 tokens of 768 channels a sample.
 * Every call draws anew, so a figure is the mean over many sets of dropped samples.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DropPathBenchmark {
    /** Elements of a sample. */
    static final long SAMPLE = 197 * 768;

    private DropPath layer;
    private Generator generator;
    private Tensor x;
    private Tensor y;

    @Setup
    public void prepare(Workload w, Ours ours) {
        layer = new DropPath(w.p).with(ours.execution(w));
        generator = Ours.generator();
        x = batch(w.x());
        y = batch(w.y());
    }

    @Benchmark
    public void dropPath(Workload w, Limit limit) {
        layer.forward(x, y, generator.next());
    }

    @Benchmark
    public void dropPathInPlace(Workload w, Limit limit) {
        layer.forward(y, y, generator.next());
    }

    static Tensor batch(Tensor all) {
        return all.reshape(all.size() / SAMPLE, 197, 768);
    }
}
