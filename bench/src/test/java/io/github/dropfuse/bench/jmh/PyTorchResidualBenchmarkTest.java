package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PyTorchResidualBenchmarkTest {
    /** Doubling is exact, so that equality can be asked for whatever the peer's order of steps. */
    private static final double P = 0.5;

    private static final int SAMPLES = 40;

    private final Workload w =
            Results.workload(SAMPLES * Workload.SAMPLE, "float32", "1", P);
    private final PyTorchResidualBenchmark benchmark = new PyTorchResidualBenchmark();

    PyTorchResidualBenchmarkTest() {
        benchmark.prepare(w);
    }

    /** The bias is 1 in every channel. */
    @Test
    void dropoutAdd() {
        benchmark.dropoutAdd(w, null);
        float[] y = values(benchmark.droppedAndAdded(w));
        long dropped = 0;
        long decided = 0;
        for (int e = 0; e < y.length; e++) {
            float x = Workload.value(e);
            assertTrue(y[e] == x || y[e] == x + 2 * (x + 1), "element " + e + " is " + y[e]);
            decided += x == -1 ? 0 : 1;
            dropped += x != -1 && y[e] == x ? 1 : 0;
        }
        Results.assertRate(P, dropped, decided);
    }

    @Test
    void dropPathAdd() {
        benchmark.dropPathAdd(w, null);
        float[] y = values(benchmark.droppedPathAndAdded(w));
        int length = (int) Workload.SAMPLE;
        long dropped = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            boolean drops = y[sample * length] == Workload.value(sample * length);
            dropped += drops ? 1 : 0;
            for (int e = sample * length; e < (sample + 1) * length; e++) {
                assertEquals(Workload.value(e) * (drops ? 1 : 3), y[e]);
            }
        }
        Results.assertRate(P, dropped, SAMPLES);
    }

    @AfterEach
    void free() {
        benchmark.close();
        w.free();
    }

    private static float[] values(NDArray output) {
        try (output) {
            return output.toFloatArray();
        }
    }
}
