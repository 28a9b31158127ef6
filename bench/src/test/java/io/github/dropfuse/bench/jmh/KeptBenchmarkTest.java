package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.TokenDrop;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeptBenchmarkTest {
    private static final double P = 0.5;
    private static final int SAMPLES = 5;
    private static final PhiloxState FIRST = new PhiloxState(Ours.SEED, 0);
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    @ParameterizedTest
    @MethodSource(OURS)
    void gather(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.gather(null),
                (x, y) -> kept().gather(x, y.slice(0, kept().count())));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void scatterAdd(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.scatterAdd(null),
                (x, y) -> kept().scatterAdd(x.slice(0, kept().count()), y));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void tokenDrop(String backend, String dtype, String threads) {
        check(backend, dtype, threads, b -> b.tokenDrop(null),
                KeptBenchmarkTest::dropTokens);
    }

    private static KeptSamples kept() {
        return KeptSamples.drawn(new DropPath(P).with(Results.reference()), SAMPLES, FIRST);
    }

    private static void dropTokens(Tensor x, Tensor y) {
        TokenDrop layer = new TokenDrop(P, KeptBenchmark.PREFIX).with(Results.reference());
        layer.forward(x, KeptBenchmark.keptTokens(y, layer), layer.indices(SAMPLES, 197, FIRST));
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            Consumer<KeptBenchmark> method,
            BiConsumer<Tensor, Tensor> expected) {
        Workload w = Results.workload(SAMPLES * DropPathBenchmark.SAMPLE, dtype, threads, P);
        KeptBenchmark benchmark = new KeptBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        method.accept(benchmark);
        try (Arena arena = Arena.ofShared()) {
            Tensor y = Tensor.allocate(arena, w.x().dtype(), w.elements);
            y.segment().copyFrom(w.x().segment());
            expected.accept(DropPathBenchmark.batch(w.x()), DropPathBenchmark.batch(y));
            Results.assertSame(y, w.y());
        }
        w.free();
    }
}
