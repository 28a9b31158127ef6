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

/** What adds to a residual as models in PyTorch write it, here through DJL. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx2g"})
public class PyTorchResidualBenchmark {
    private NDManager manager;
    private NDArray x;
    private NDArray residual;
    private NDArray bias;

    @Setup
    public void prepare(Workload w) {
        manager = PyTorch.start(w);
        long samples = w.elements / Workload.SAMPLE;
        Shape shape = new Shape(samples, Workload.TOKENS, Workload.CHANNELS);
        x = PyTorch.input(manager, w, shape);
        residual = PyTorch.input(manager, w, shape);
        bias = manager.ones(new Shape(Workload.CHANNELS), x.getDataType());
    }

    @TearDown
    public void close() {
        manager.close();
    }

    @Benchmark
    public void dropoutAdd(Workload w, AddLimit limit) {
        droppedAndAdded(w).close();
    }

    @Benchmark
    public void dropPathAdd(Workload w, AddLimit limit) {
        droppedPathAndAdded(w).close();
    }

    NDArray droppedAndAdded(Workload w) {
        try (NDArray biased = x.add(bias);
                NDArray dropped =
                        Dropout.dropout(biased, (float) w.p, true).singletonOrThrow()) {
            return dropped.add(residual);
        }
    }

    NDArray droppedPathAndAdded(Workload w) {
        try (NDArray dropped = PyTorch.droppedPath(manager, x, w.p)) {
            return dropped.add(residual);
        }
    }
}
