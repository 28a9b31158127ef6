package io.github.dropfuse.bench.jmh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
 * DropPath as models in PyTorch write it, for it has none: {@code x / keep * floor(keep + u)} with
 * one u a sample, here through DJL.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx2g"})
public class PyTorchDropPathBenchmark {
    private NDManager manager;
    private NDArray x;

    @Setup
    public void prepare(Workload w) {
        manager = PyTorch.start(w);
        long samples = w.elements / Workload.SAMPLE;
        x = PyTorch.input(manager, w, new Shape(samples, Workload.TOKENS, Workload.CHANNELS));
    }

    @TearDown
    public void close() {
        manager.close();
    }

    @Benchmark
    public void dropPath(Workload w, Limit limit) {
        droppedPath(w).close();
    }

    NDArray droppedPath(Workload w) {
        return PyTorch.droppedPath(manager, x, w.p);
    }
}
