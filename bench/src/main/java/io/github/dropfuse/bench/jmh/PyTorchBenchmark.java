package io.github.dropfuse.bench.jmh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * PyTorch through DJL, called as its users call it: the output is a new tensor, freed after the
 * call.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx2g"})
public class PyTorchBenchmark {
    private NDManager manager;
    private NDArray x;

    @Setup
    public void prepare(Workload w) {
        manager = PyTorch.start(w);
        x = PyTorch.input(manager, w, new Shape(w.elements));
    }

    @TearDown
    public void close() {
        manager.close();
    }

    @Benchmark
    public void forward(Workload w, Limit limit) {
        dropout(w).close();
    }

    NDArray dropout(Workload w) {
        return Dropout.dropout(x, (float) w.p, true).singletonOrThrow();
    }
}
