package io.github.dropfuse.bench.jmh;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.Test;

class PyTorchBenchmarkTest {
    /** Doubling is exact, so that equality can be asked for whatever the peer's order of steps. */
    private static final double P = 0.5;

    @Test
    void forward() {
        Workload w = Results.workload(Results.ELEMENTS, "float32", "1", P);
        PyTorchBenchmark benchmark = new PyTorchBenchmark();
        benchmark.prepare(w);
        benchmark.forward(w, null);
        float[] y;
        try (NDArray output = benchmark.dropout(w)) {
            y = output.toFloatArray();
        }
        long dropped = 0;
        for (int e = 0; e < y.length; e++) {
            dropped += Results.assertDroppedOrScaled(e, 2, y[e]) ? 1 : 0;
        }
        Results.assertRate(P, dropped, w.elements);
        benchmark.close();
        w.free();
    }
}
