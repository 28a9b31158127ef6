package io.github.dropfuse.bench.endtoend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;

/**
 * What a dropout was given in a training step, and what became of it.
 *
 * @param p its probability
 * @param samples whether whole samples are dropped, and not elements
 * @param shape of all arrays
 * @param x input
 * @param residual what was added afterwards
 * @param y output
 */
record Seen(double p, boolean samples, long[] shape, float[] x, float[] residual, float[] y) {
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    /** Without a residual. */
    Seen(double p, boolean samples, long[] shape, float[] x, float[] y) {
        this(p, samples, shape, x, new float[x.length], y);
    }

    void assertUnchanged() {
        for (int e = 0; e < x.length; e++) {
            assertTrue(y[e] == x[e] + residual[e], "element " + e + " is " + y[e]);
        }
    }

    /** That all is dropped or scaled, samples as a whole, and of the right share. */
    void assertDropped(float scale) {
        int units = samples ? (int) shape[0] : x.length;
        int length = x.length / units;
        int decided = 0;
        int dropped = 0;
        for (int unit = 0; unit < units; unit++) {
            int gone = 0;
            int kept = 0;
            for (int e = unit * length; e < (unit + 1) * length; e++) {
                float scaled = residual[e] + x[e] * scale;
                assertTrue(
                        y[e] == residual[e] || y[e] == scaled,
                        "element " + e + " is " + y[e] + ", allowed are " + residual[e] + " and "
                                + scaled);
                if (scaled != residual[e]) {
                    gone += y[e] == residual[e] ? 1 : 0;
                    kept += y[e] == scaled ? 1 : 0;
                }
            }
            assertTrue(gone == 0 || kept == 0, "unit " + unit + " is dropped in part");
            decided += gone + kept > 0 ? 1 : 0;
            dropped += gone > 0 ? 1 : 0;
        }
        double bound = 6 * Math.sqrt(p * (1 - p) / decided);
        assertTrue(
                decided > 0 && Math.abs((double) dropped / decided - p) < bound,
                dropped + " of " + decided + " are dropped, p is " + p);
    }

    /** That the output has the reference's bits. */
    void assertReference(MaskSource source) {
        float[] expected = new float[x.length];
        Tensor in = Tensor.of(x, shape);
        Tensor out = Tensor.of(expected, shape);
        if (samples) {
            new DropPathAdd(new DropPath(p))
                    .with(REFERENCE)
                    .forward(in, null, Tensor.of(residual, shape), out, source);
        } else {
            new Dropout(p).with(REFERENCE).forward(in, out, source);
        }
        assertArrayEquals(expected, y);
    }
}
