package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;

/** Lanes of float64. */
final class DoubleLanes extends Lanes {
    private final double[] x = new double[LENGTH];
    private final double[] vector = new double[LENGTH];
    private final double[] second = new double[LENGTH];
    private final MemorySegment ofX = MemorySegment.ofArray(x);
    private final MemorySegment ofVector = MemorySegment.ofArray(vector);
    private final MemorySegment ofSecond = MemorySegment.ofArray(second);

    @Override
    void load(DType dtype, MemorySegment from, long byteOffset, Operand to) {
        MemorySegment lanes =
                switch (to) {
                    case X -> ofX;
                    case VECTOR -> ofVector;
                    case SECOND -> ofSecond;
                };
        MemorySegment.copy(from, byteOffset, lanes, 0, (long) n * Double.BYTES);
    }

    @Override
    void scale(double scale) {
        scale(x, scale, n);
    }

    @Override
    void scaleAndShift(double scale, double shift) {
        scaleAndShift(x, scale, shift, n);
    }

    @Override
    void divide(double divisor) {
        divide(x, divisor, n);
    }

    @Override
    void addVector() {
        add(x, vector, n);
    }

    @Override
    void multiplyByVector() {
        multiply(x, vector, n);
    }

    @Override
    void addSecond() {
        add(x, second, n);
    }

    @Override
    void blend(double rest, double p) {
        scale(second, p, n);
        blend(x, rest, second, n);
    }

    @Override
    MemorySegment round(DType dtype) {
        return ofX;
    }

    private static void scale(double[] x, double scale, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= scale;
        }
    }

    private static void scaleAndShift(double[] x, double scale, double shift, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i], scale, shift);
        }
    }

    private static void divide(double[] x, double divisor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= divisor;
        }
    }

    private static void add(double[] x, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += to[i];
        }
    }

    private static void multiply(double[] x, double[] by, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= by[i];
        }
    }

    private static void blend(double[] x, double rest, double[] other, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i], rest, other[i]);
        }
    }
}
