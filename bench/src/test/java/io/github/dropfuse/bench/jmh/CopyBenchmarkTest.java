package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyBenchmarkTest {
    @ParameterizedTest
    @ValueSource(strings = {"1", Workload.ALL_THREADS})
    void segmentCopy(String threads) {
        check(threads, (b, w) -> b.segmentCopy(w, null));
    }

    @Test
    void cMemcpy() {
        check("1", (b, w) -> b.cMemcpy(w, null));
    }

    @Test
    void theLimitOfAnIterationIsTimed() {
        Workload w = Results.workload(Results.ELEMENTS, "float32", "1", 0.1);
        Limit limit = new Limit();
        limit.before(w);
        limit.after(w);
        assertTrue(limit.memcpy > 0, limit.memcpy + " ns");
        w.free();
    }

    private static void check(String threads, BiConsumer<CopyBenchmark, Workload> method) {
        Workload w = Results.workload(Results.ELEMENTS, "float32", threads, 0.1);
        w.y().segment().fill((byte) 0);
        method.accept(new CopyBenchmark(), w);
        Results.assertSame(w.x(), w.y());
        w.free();
    }
}
