package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.TokenDrop;
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
 * Our layers that skip what is dropped, on batches as in {@link DropPathBenchmark}; each call draws
 * what is kept.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class KeptBenchmark {
    static final int PREFIX = 1;
    private static final int TOKENS = 197;

    private DropPath path;
    private TokenDrop tokens;
    private Generator generator;
    private Tensor x;
    private Tensor y;
    private int batch;

    @Setup
    public void prepare(Workload w, Ours ours) {
        path = new DropPath(w.p).with(ours.execution(w));
        tokens = new TokenDrop(w.p, PREFIX).with(ours.execution(w));
        generator = Ours.generator();
        x = DropPathBenchmark.batch(w.x());
        y = DropPathBenchmark.batch(w.y());
        batch = Math.toIntExact(x.extent(0));
    }

    @Benchmark
    public KeptSamples gather(Limit limit) {
        KeptSamples kept = KeptSamples.drawn(path, batch, generator.next());
        kept.gather(x, y.slice(0, kept.count()));
        return kept;
    }

    @Benchmark
    public KeptSamples scatterAdd(AddInPlaceLimit limit) {
        KeptSamples kept = KeptSamples.drawn(path, batch, generator.next());
        kept.scatterAdd(x.slice(0, kept.count()), y);
        return kept;
    }

    @Benchmark
    public long[] tokenDrop(Limit limit) {
        long[] kept = tokens.indices(batch, TOKENS, generator.next());
        tokens.forward(x, keptTokens(y, tokens), kept);
        return kept;
    }

    /** The beginning of a tensor's memory, with room for what is kept of it. */
    static Tensor keptTokens(Tensor all, TokenDrop layer) {
        int keep = layer.kept(TOKENS);
        long samples = all.extent(0);
        long channels = all.extent(2);
        Tensor flat = all.reshape(all.size());
        return flat.slice(0, samples * keep * channels).reshape(samples, keep, channels);
    }
}
