package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PlainJavaBenchmarkTest {
    private static final double P = 0.1;

    private final Workload workload = Results.workload(Results.ELEMENTS, "float32", "1", P);
    private final PlainJavaBenchmark benchmark = new PlainJavaBenchmark();

    PlainJavaBenchmarkTest() {
        benchmark.prepare(workload);
    }

    @Test
    void loop() {
        float[] y = benchmark.loop(workload, null);
        long dropped = 0;
        for (int e = 0; e < y.length; e++) {
            float kept = Workload.value(e) * (float) (1 / (1 - P));
            assertEquals(benchmark.kept[e] ? kept : 0, y[e]);
            dropped += benchmark.kept[e] ? 0 : 1;
        }
        Results.assertRate(P, dropped, y.length);
    }

    @Test
    void twoPass() {
        float[] y = benchmark.twoPass(workload, null);
        long dropped = 0;
        for (int e = 0; e < y.length; e++) {
            assertEquals(Workload.value(e) / (float) (1 - P) * benchmark.noise[e], y[e]);
            dropped += y[e] == 0 ? 1 : 0;
        }
        Results.assertRate(P, dropped, y.length);
    }
}
