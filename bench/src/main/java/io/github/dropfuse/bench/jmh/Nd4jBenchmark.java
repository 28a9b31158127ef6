package io.github.dropfuse.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** ND4J, called as its users call it. Out of place, the output is a new array, freed afterwards. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx2g"})
public class Nd4jBenchmark {
    private INDArray x;
    private INDArray y;

    @Setup
    public void prepare(Workload w) {
        Nd4jThreads.set(w.threadCount());
        Nd4j.getRandom().setSeed(Ours.SEED);
        System.out.println("# contender: ND4J " + version() + ", threads "
                + Nd4j.getEnvironment().maxThreads());
        float[] values = new float[Math.toIntExact(w.elements)];
        for (int e = 0; e < values.length; e++) {
            values[e] = Workload.value(e);
        }
        DataType type =
                switch (w.dtype) {
                    case "float64" -> DataType.DOUBLE;
                    case "float16" -> DataType.HALF;
                    case "bfloat16" -> DataType.BFLOAT16;
                    default -> DataType.FLOAT;
                };
        try (INDArray floats = Nd4j.createFromArray(values)) {
            x = type == floats.dataType() ? floats.dup() : floats.castTo(type);
        }
        y = x.dup();
    }

    /** Gives the array that is dropped in place its values again. */
    @Setup(Level.Iteration)
    public void refill() {
        y.assign(x);
    }

    @Benchmark
    public void forward(Workload w, Limit limit) {
        dropout(w).close();
    }

    /** The function of ND4J's neural-network namespace, which works in place. */
    @Benchmark
    public INDArray forwardInPlace(Workload w, Limit limit) {
        return Nd4j.nn().dropoutInverted(y, 1 - w.p);
    }

    /** ND4J's p is the probability to keep. */
    INDArray dropout(Workload w) {
        return Nd4j.exec(new DropOutInverted(x, x.ulike(), 1 - w.p));
    }

    /** ND4J does not say, but its jar is named after it. */
    private static String version() {
        String jar = Nd4j.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*nd4j-api-|\\.jar$", "");
    }
}
