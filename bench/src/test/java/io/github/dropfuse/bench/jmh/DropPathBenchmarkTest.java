package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropPathBenchmarkTest {
    private static final double P = 0.5;
    private static final long SAMPLES = 5;
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPath(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.dropPath(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void dropPathInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, (b, w) -> b.dropPathInPlace(w, null));
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            BiConsumer<DropPathBenchmark, Workload> method) {
        Workload w = Results.workload(SAMPLES * DropPathBenchmark.SAMPLE, dtype, threads, P);
        DropPathBenchmark benchmark = new DropPathBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        method.accept(benchmark, w);
        try (Arena arena = Arena.ofShared()) {
            Tensor expected = Tensor.allocate(arena, w.x().dtype(), SAMPLES, 197, 768);
            new DropPath(P)
                    .with(Results.reference())
                    .forward(w.x().reshape(SAMPLES, 197, 768), expected, new PhiloxState(42, 0));
            Results.assertSame(expected, w.y());
        }
        w.free();
    }
}
