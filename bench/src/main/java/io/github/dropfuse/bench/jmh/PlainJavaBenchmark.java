package io.github.dropfuse.bench.jmh;

import java.util.SplittableRandom;
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

/** What one writes in plain Java, on arrays of float and in one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms2g", "-Xmx2g"})
public class PlainJavaBenchmark {
    float[] x;
    float[] y;

    /** What the loop's backward pass needs. */
    boolean[] kept;

    /** What the two passes' backward pass needs. */
    float[] noise;

    private SplittableRandom random;

    @Setup
    public void prepare(Workload w) {
        int size = Math.toIntExact(w.elements);
        x = new float[size];
        y = new float[size];
        kept = new boolean[size];
        noise = new float[size];
        random = new SplittableRandom(Ours.SEED);
        for (int e = 0; e < size; e++) {
            x[e] = Workload.value(e);
        }
        System.out.println("# contender: plain Java " + Runtime.version() + ", one thread");
    }

    /** One loop, one random number an element. */
    @Benchmark
    public float[] loop(Workload w, Limit limit) {
        float scale = (float) (1 / (1 - w.p));
        for (int e = 0; e < x.length; e++) {
            boolean keep = random.nextDouble() >= w.p;
            kept[e] = keep;
            y[e] = keep ? x[e] * scale : 0;
        }
        return y;
    }

    /** The mask is made of floats first, then multiplied with: {@code x / keep * floor(keep + u)}. */
    @Benchmark
    public float[] twoPass(Workload w, Limit limit) {
        float keep = (float) (1 - w.p);
        for (int e = 0; e < x.length; e++) {
            noise[e] = (float) Math.floor(keep + random.nextFloat());
        }
        for (int e = 0; e < x.length; e++) {
            y[e] = x[e] / keep * noise[e];
        }
        return y;
    }
}
