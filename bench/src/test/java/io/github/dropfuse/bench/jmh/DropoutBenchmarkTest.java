package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutBenchmarkTest {
    private static final double P = 0.1;
    private static final String OURS = "io.github.dropfuse.bench.jmh.Results#ours";

    /** The stored mask takes the generator's first state. */
    private static final long STORED = 0;

    private static final long FIRST_CALL = 1;

    @ParameterizedTest
    @MethodSource(OURS)
    void forward(String backend, String dtype, String threads) {
        check(backend, dtype, threads, FIRST_CALL, (b, w) -> b.forward(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void forwardInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, FIRST_CALL, (b, w) -> b.forwardInPlace(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void backward(String backend, String dtype, String threads) {
        check(backend, dtype, threads, FIRST_CALL, (b, w) -> b.backward(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void backwardInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, FIRST_CALL, (b, w) -> b.backwardInPlace(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void storedMask(String backend, String dtype, String threads) {
        check(backend, dtype, threads, STORED, (b, w) -> b.storedMask(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void storedMaskInPlace(String backend, String dtype, String threads) {
        check(backend, dtype, threads, STORED, (b, w) -> b.storedMaskInPlace(w, null));
    }

    @ParameterizedTest
    @MethodSource(OURS)
    void mask(String backend, String dtype, String threads) {
        Workload w = Results.workload(Results.ELEMENTS, dtype, threads, P);
        DropoutBenchmark benchmark = new DropoutBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        Mask drawn = benchmark.mask(w, null);
        try (Arena arena = Arena.ofConfined()) {
            Mask expected = Mask.allocate(arena, w.elements);
            Masks.draw(expected, P, new PhiloxState(42, FIRST_CALL), 0, Results.reference());
            assertEquals(-1, expected.segment().mismatch(drawn.segment()));
        }
        w.free();
    }

    private static void check(
            String backend,
            String dtype,
            String threads,
            long offset,
            BiConsumer<DropoutBenchmark, Workload> method) {
        Workload w = Results.workload(Results.ELEMENTS, dtype, threads, P);
        DropoutBenchmark benchmark = new DropoutBenchmark();
        benchmark.prepare(w, Results.backend(backend));
        method.accept(benchmark, w);
        Results.assertDropped(w.x(), w.y(), P, offset);
        w.free();
    }
}
