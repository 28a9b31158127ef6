package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResidualBenchmarkTest {
    private static final double P = 0.5;
    private static final long SAMPLES = 3;
    private static final PhiloxState FIRST = new PhiloxState(Ours.SEED, 0);
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    private static final DropoutAdd DROPOUT =
            new DropoutAdd(new Dropout(P).with(Results.reference()));
    private static final DropPathAdd PATH =
            new DropPathAdd(new DropPath(P).with(Results.reference()));

    private interface Call {
        void on(ResidualBenchmark benchmark, Residual r);
    }

    /** What the reference makes of a batch, a residual and a vector. */
    private interface Expected {
        void of(Tensor x, Tensor residual, Residual r, Tensor out);
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropoutAdd(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropoutAdd(r, null),
                (x, residual, r, out) -> DROPOUT.forward(x, r.vector(), residual, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropoutAddInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropoutAddInPlace(r, null),
                (x, residual, r, out) -> DROPOUT.forward(x, r.vector(), x, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPathAdd(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropPathAdd(null),
                (x, residual, r, out) -> PATH.forward(x, null, residual, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPathAddInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropPathAddInPlace(null),
                (x, residual, r, out) -> PATH.forward(x, null, x, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPathAddGamma(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropPathAddGamma(r, null),
                (x, residual, r, out) -> PATH.forward(x, r.vector(), residual, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPathAddGammaInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, r) -> b.dropPathAddGammaInPlace(r, null),
                (x, residual, r, out) -> PATH.forward(x, r.vector(), x, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void biasGradient(String backend, String dtype, String threads) {
        checkGradient(backend, dtype, threads, (b, r) -> b.biasGradient(r, null),
                (x, residual, r, out) -> DROPOUT.biasGradient(x, out, FIRST));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void gammaGradient(String backend, String dtype, String threads) {
        checkGradient(backend, dtype, threads, (b, r) -> b.gammaGradient(r, null),
                (x, residual, r, out) -> PATH.gammaGradient(x, residual, out, FIRST));
    }

    private static void check(
            String backend, String dtype, String threads, Call call, Expected expected) {
        check(backend, dtype, threads, call, expected, false);
    }

    private static void checkGradient(
            String backend, String dtype, String threads, Call call, Expected expected) {
        check(backend, dtype, threads, call, expected, true);
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            Call call,
            Expected expected,
            boolean ofVector) {
        Workload w = Results.workload(SAMPLES * DropPathBenchmark.SAMPLE, dtype, threads, P);
        Residual r = new Residual();
        r.allocate(w);
        ResidualBenchmark benchmark = new ResidualBenchmark();
        benchmark.prepare(w, r, Results.backend(backend));
        call.on(benchmark, r);
        Tensor x = DropPathBenchmark.batch(w.x());
        Tensor residual = DropPathBenchmark.batch(r.residual());
        try (Arena arena = Arena.ofShared()) {
            Tensor out =
                    ofVector
                            ? Tensor.allocate(arena, x.dtype(), Residual.CHANNELS)
                            : Tensor.allocate(arena, x.dtype(), x.shape());
            expected.of(x, residual, r, out);
            Results.assertSame(out, ofVector ? r.gradient() : w.y());
        }
        r.free();
        w.free();
    }
}
