package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
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
 * Our forms that add to a residual, on batches as in {@link DropPathBenchmark}, and the gradients of
 * their vectors.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ResidualBenchmark {
    private DropoutAdd dropout;
    private DropPathAdd path;
    private Generator generator;
    private Tensor x;
    private Tensor y;
    private Tensor residual;

    @Setup
    public void prepare(Workload w, Residual r, Ours ours) {
        dropout = new DropoutAdd(new Dropout(w.p).with(ours.execution(w)));
        path = new DropPathAdd(new DropPath(w.p).with(ours.execution(w)));
        generator = Ours.generator();
        x = DropPathBenchmark.batch(w.x());
        y = DropPathBenchmark.batch(w.y());
        residual = DropPathBenchmark.batch(r.residual());
    }

    /** With a bias. */
    @Benchmark
    public void dropoutAdd(Residual r, AddLimit limit) {
        dropout.forward(x, r.vector(), residual, y, generator.next());
    }

    @Benchmark
    public void dropoutAddInPlace(Residual r, AddInPlaceLimit limit) {
        dropout.forward(x, r.vector(), y, y, generator.next());
    }

    @Benchmark
    public void dropPathAdd(AddLimit limit) {
        path.forward(x, null, residual, y, generator.next());
    }

    @Benchmark
    public void dropPathAddInPlace(AddInPlaceLimit limit) {
        path.forward(x, null, y, y, generator.next());
    }

    @Benchmark
    public void dropPathAddGamma(Residual r, AddLimit limit) {
        path.forward(x, r.vector(), residual, y, generator.next());
    }

    @Benchmark
    public void dropPathAddGammaInPlace(Residual r, AddInPlaceLimit limit) {
        path.forward(x, r.vector(), y, y, generator.next());
    }

    @Benchmark
    public Tensor biasGradient(Residual r, Limit limit) {
        dropout.biasGradient(x, r.gradient(), generator.next());
        return r.gradient();
    }

    @Benchmark
    public Tensor gammaGradient(Residual r, Limit limit) {
        path.gammaGradient(x, residual, r.gradient(), generator.next());
        return r.gradient();
    }
}
