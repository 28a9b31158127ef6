package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddBenchmarkTest {
    private Workload w;

    @ParameterizedTest
    @ValueSource(strings = {"1", Workload.ALL_THREADS})
    void add(String threads) {
        prepare(threads);
        new AddBenchmark().add(w, null);
        assertSums(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", Workload.ALL_THREADS})
    void addStreamed(String threads) {
        prepare(threads);
        new AddBenchmark().addStreamed(w, null);
        assertSums(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", Workload.ALL_THREADS})
    void addInPlace(String threads) {
        prepare(threads);
        new AddBenchmark().addInPlace(w, null);
        assertSums(0);
    }

    @Test
    void theLimitsOfAnIterationAreTimed() {
        prepare("1");
        AddLimit limit = new AddLimit();
        limit.before(w);
        limit.after(w);
        assertTrue(limit.add > 0, limit.add + " ns");
        AddInPlaceLimit inPlace = new AddInPlaceLimit();
        inPlace.before(w);
        inPlace.after(w);
        assertTrue(inPlace.addInPlace > 0, inPlace.addInPlace + " ns");
    }

    @AfterEach
    void free() {
        w.free();
    }

    private void prepare(String threads) {
        w = Results.workload(Results.ELEMENTS, "float32", threads, 0.1);
    }

    /** The second addend is the input itself, or the residual, which is so many values ahead. */
    private void assertSums(int ahead) {
        for (long e = 0; e < w.elements; e++) {
            assertEquals(Workload.value(e) + Workload.value(e + ahead), w.y().get(e));
        }
    }
}
