package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mean of the output is the mean of the input. What the output's own rounding adds to it, such
 * as the whole 0.1 % at p = 0.001 in bfloat16, where x / 0.999 rounds back to x, is known without
 * drawing and is taken off. What is left is bounded twice: against the whole input by 5 standard
 * deviations of the decisions, and against the kept part of the input by 2^-12. A factor that was
 * itself rounded to bfloat16 is wrong by up to 2^-9.
 */
@Tag("long")
class OutputMeanTest {
    private static final int SIZE = 1 << 20;

    @ParameterizedTest
    @EnumSource
    void equalsTheMeanOfTheInput(DType dtype) {
        SplittableRandom random = new SplittableRandom(31);
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Tensor.allocate(arena, dtype, SIZE);
            Tensor y = Tensor.allocate(arena, dtype, SIZE);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < SIZE; i++) {
                x.set(i, Math.exp(random.nextDouble(-2, 2)));
                sum += x.get(i);
                squares += x.get(i) * x.get(i);
            }
            for (double p : new double[] {0.001, 0.01, 0.1, 0.17, 0.37, 0.9, 0.99, 0.999}) {
                double bias = roundingBias(x, y, 1 / (1 - p)) / sum;
                double allowed = p < 0.1 ? 1.01 * p : 0x1p-12;
                assertEquals(0, bias, allowed, dtype + " rounding at p = " + p);
                new Dropout(p).forward(x, y, new PhiloxState(17, Math.round(p * 1000)));
                double out = 0;
                double kept = 0;
                for (int i = 0; i < SIZE; i++) {
                    out += y.get(i);
                    kept += y.get(i) == 0 ? 0 : x.get(i);
                }
                String what = dtype + " at p = " + p;
                double deviation = Math.sqrt(p / (1 - p) * squares) / sum;
                assertEquals(1 + bias, out / sum, 5 * deviation, what);
                assertEquals(1 + bias, out / kept * (1 - p), 0x1p-12, what);
            }
        }
    }

    /** The sum of what rounding adds to each product, relative to the factor. */
    private static double roundingBias(Tensor x, Tensor scratch, double scale) {
        double bias = 0;
        for (int i = 0; i < SIZE; i++) {
            scratch.set(i, x.get(i) * scale);
            bias += scratch.get(i) / scale - x.get(i);
        }
        return bias;
    }
}
