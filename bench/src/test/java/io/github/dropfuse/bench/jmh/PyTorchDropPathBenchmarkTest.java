package io.github.dropfuse.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.Test;

class PyTorchDropPathBenchmarkTest {
    private static final double P = 0.5;
    private static final int SAMPLES = 40;

    @Test
    void dropPath() {
        int length = (int) Workload.SAMPLE;
        Workload w = Results.workload(SAMPLES * Workload.SAMPLE, "float32", "1", P);
        PyTorchDropPathBenchmark benchmark = new PyTorchDropPathBenchmark();
        benchmark.prepare(w);
        benchmark.dropPath(w, null);
        float[] y;
        try (NDArray output = benchmark.droppedPath(w)) {
            y = output.toFloatArray();
        }
        long dropped = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            boolean drops = y[sample * length] == 0;
            dropped += drops ? 1 : 0;
            for (int e = sample * length; e < (sample + 1) * length; e++) {
                assertEquals(drops, Results.assertDroppedOrScaled(e, 2, y[e]));
            }
        }
        Results.assertRate(P, dropped, SAMPLES);
        benchmark.close();
        w.free();
    }
}
