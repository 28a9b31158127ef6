package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FamilyBenchmarkTest {
    private static final double P = 0.1;
    private static final PhiloxState FIRST = new PhiloxState(Ours.SEED, 0);
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    @ParameterizedTest
    @MethodSource(OURS)
    void alphaDropout(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.alphaDropout(w, null),
                FamilyBenchmarkTest::alpha);
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void alphaDropoutInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.alphaDropoutInPlace(w, null),
                FamilyBenchmarkTest::alpha);
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void gaussianDropout(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.gaussianDropout(w, null),
                (x, y) ->
                        new GaussianDropout(P).with(Results.reference()).forward(x, y, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void gaussianNoise(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.gaussianNoise(w, null),
                (x, y) ->
                        new GaussianNoise(FamilyBenchmark.SIGMA)
                                .with(Results.reference())
                                .forward(x, y, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void torchRand(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.torchRand(w, null),
                (x, y) -> torch(x, y, TorchStream.RAND));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void torchDropout(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.torchDropout(w, null),
                (x, y) -> torch(x, y, TorchStream.DROPOUT));
    }

    private static void alpha(Tensor x, Tensor y) {
        new AlphaDropout(P).with(Results.reference()).forward(x, y, FIRST);
    }

    private static void torch(Tensor x, Tensor y, TorchStream stream) {
        TorchGenerator generator = TorchGenerator.seeded(Ours.SEED);
        new Dropout(P).with(Results.reference()).forward(x, y, generator, stream);
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            BiConsumer<FamilyBenchmark, Workload> method,
            BiConsumer<Tensor, Tensor> expected) {
        Workload w = Results.workload(Results.ELEMENTS, dtype, threads, P);
        FamilyBenchmark benchmark = new FamilyBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        method.accept(benchmark, w);
        try (Arena arena = Arena.ofShared()) {
            Tensor y = Tensor.allocate(arena, w.x().dtype(), w.elements);
            expected.accept(w.x(), y);
            Results.assertSame(y, w.y());
        }
        w.free();
    }
}
