package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
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

/** Our Dropout, each call with a state of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DropoutBenchmark {
    private Execution execution;
    private Dropout layer;
    private Generator generator;
    private Mask stored;
    private Mask drawn;

    @Setup
    public void prepare(Workload w, Ours ours) {
        execution = ours.execution(w);
        layer = new Dropout(w.p).with(execution);
        generator = Ours.generator();
        stored = Ours.emptyMask(w.elements);
        drawn = Ours.emptyMask(w.elements);
        Masks.draw(stored, w.p, generator.next(), 0, execution);
    }

    @Benchmark
    public void forward(Workload w, Limit limit) {
        layer.forward(w.x(), w.y(), generator.next());
    }

    @Benchmark
    public void forwardInPlace(Workload w, Limit limit) {
        layer.forward(w.y(), w.y(), generator.next());
    }

    @Benchmark
    public void backward(Workload w, Limit limit) {
        layer.backward(w.x(), w.y(), generator.next());
    }

    @Benchmark
    public void backwardInPlace(Workload w, Limit limit) {
        layer.backward(w.y(), w.y(), generator.next());
    }

    @Benchmark
    public void storedMask(Workload w, Limit limit) {
        layer.forward(w.x(), w.y(), stored);
    }

    @Benchmark
    public void storedMaskInPlace(Workload w, Limit limit) {
        layer.forward(w.y(), w.y(), stored);
    }

    @Benchmark
    public Mask mask(Workload w, Limit limit) {
        Masks.draw(drawn, w.p, generator.next(), 0, execution);
        return drawn;
    }
}
