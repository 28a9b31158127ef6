package io.github.dropfuse.bench.jmh;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class Nd4jBenchmarkTest {
    /** Unlike one half it shows whether p means dropping or keeping; four times is exact. */
    private static final double P = 0.75;

    private final Workload workload = Results.workload(Results.ELEMENTS, "float32", "1", P);
    private final Nd4jBenchmark benchmark = new Nd4jBenchmark();

    Nd4jBenchmarkTest() {
        benchmark.prepare(workload);
        benchmark.refill();
    }

    @Test
    void forward() {
        benchmark.forward(workload, null);
        try (INDArray output = benchmark.dropout(workload)) {
            assertDropped(output);
        }
    }

    @Test
    void forwardInPlace() {
        assertDropped(benchmark.forwardInPlace(workload, null));
    }

    private static void assertDropped(INDArray output) {
        float[] y = output.toFloatVector();
        long dropped = 0;
        for (int e = 0; e < y.length; e++) {
            dropped += Results.assertDroppedOrScaled(e, 4, y[e]) ? 1 : 0;
        }
        Results.assertRate(P, dropped, Results.ELEMENTS);
    }
}
