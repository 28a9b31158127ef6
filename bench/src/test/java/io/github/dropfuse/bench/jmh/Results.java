package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** What a benchmark's output has to be. */
final class Results {
    /** Over twice the smallest piece of a split call, and no multiple of a tile. */
    static final long ELEMENTS = 300_001;

    private Results() {}

    /** Every backend and tier here, with every type, in one thread and in all. */
    static Stream<Arguments> ours() {
        return Backends.all().stream()
                .flatMap(
                        backend ->
                                Stream.of("float32", "float64", "float16", "bfloat16")
                                        .flatMap(
                                                dtype ->
                                                        Stream.of("1", Workload.ALL_THREADS)
                                                                .map(
                                                                        threads ->
                                                                                Arguments.of(
                                                                                        backend
                                                                                                .toString(),
                                                                                        dtype,
                                                                                        threads))));
    }

    static Workload workload(long elements, String dtype, String threads, double p) {
        Workload w = new Workload();
        w.elements = elements;
        w.dtype = dtype;
        w.threads = threads;
        w.p = p;
        w.allocate();
        w.refill();
        return w;
    }

    static Ours backend(String name) {
        Ours ours = new Ours();
        ours.backend = name;
        return ours;
    }

    static Execution reference() {
        return Execution.automatic().on(Backends.reference());
    }

    /** That y is what the reference makes of x with a state of our seed. */
    static void assertDropped(Tensor x, Tensor y, double p, long offset) {
        try (Arena arena = Arena.ofShared()) {
            Tensor expected = Tensor.allocate(arena, x.dtype(), x.shape());
            new Dropout(p).with(reference()).forward(x, expected, new PhiloxState(42, offset));
            assertSame(expected, y);
        }
    }

    static void assertSame(Tensor expected, Tensor actual) {
        assertEquals(-1, expected.segment().mismatch(actual.segment()), "first differing byte");
    }

    /** That an element is dropped, to a zero of any sign, or multiplied; whether it is dropped. */
    static boolean assertDroppedOrScaled(long e, float scale, float actual) {
        float kept = Workload.value(e) * scale;
        assertTrue(actual == 0 || actual == kept, "element " + e + " is " + actual);
        return actual == 0;
    }

    /** That a fraction of n decisions is p, within six standard deviations. */
    static void assertRate(double p, long dropped, long n) {
        double bound = 6 * Math.sqrt(p * (1 - p) / n);
        assertTrue(
                Math.abs((double) dropped / n - p) < bound, dropped + " of " + n + " are dropped");
    }
}
