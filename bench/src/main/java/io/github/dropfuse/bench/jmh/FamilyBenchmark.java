package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
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

/** Our layers that decide per element, beside Dropout, and Dropout with PyTorch's own masks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class FamilyBenchmark {
    static final double SIGMA = 0.1;

    private AlphaDropout alpha;
    private GaussianDropout gaussian;
    private GaussianNoise noise;
    private Dropout dropout;
    private Generator generator;
    private TorchGenerator torch;

    @Setup
    public void prepare(Workload w, Ours ours) {
        Execution execution = ours.execution(w);
        alpha = new AlphaDropout(w.p).with(execution);
        gaussian = new GaussianDropout(w.p).with(execution);
        noise = new GaussianNoise(SIGMA).with(execution);
        dropout = new Dropout(w.p).with(execution);
        generator = Ours.generator();
        torch = TorchGenerator.seeded(Ours.SEED);
    }

    @Benchmark
    public void alphaDropout(Workload w, Limit limit) {
        alpha.forward(w.x(), w.y(), generator.next());
    }

    @Benchmark
    public void alphaDropoutInPlace(Workload w, Limit limit) {
        alpha.forward(w.y(), w.y(), generator.next());
    }

    @Benchmark
    public void gaussianDropout(Workload w, Limit limit) {
        gaussian.forward(w.x(), w.y(), generator.next());
    }

    @Benchmark
    public void gaussianNoise(Workload w, Limit limit) {
        noise.forward(w.x(), w.y(), generator.next());
    }

    @Benchmark
    public TorchState torchRand(Workload w, Limit limit) {
        return dropout.forward(w.x(), w.y(), torch, TorchStream.RAND);
    }

    @Benchmark
    public TorchState torchDropout(Workload w, Limit limit) {
        return dropout.forward(w.x(), w.y(), torch, TorchStream.DROPOUT);
    }
}
