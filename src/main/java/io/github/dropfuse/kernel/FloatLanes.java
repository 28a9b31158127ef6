package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;

/**
 * Lanes of float32, for the types that are computed in it.
 *
 * <p>C2 does not widen shorts to ints in vectors. So bfloat16 is taken as ints of two elements
 * each: the upper ones come first, then the lower ones.
 */
final class FloatLanes extends Lanes {
    private final float[] x = new float[LENGTH];
    private final float[] vector = new float[LENGTH];
    private final float[] second = new float[LENGTH];
    private final short[] halves = new short[LENGTH];
    private final int[] pairs = new int[LENGTH / 2];
    private final int[] widened = new int[LENGTH];
    private final MemorySegment ofX = MemorySegment.ofArray(x);
    private final MemorySegment ofVector = MemorySegment.ofArray(vector);
    private final MemorySegment ofSecond = MemorySegment.ofArray(second);
    private final MemorySegment ofHalves = MemorySegment.ofArray(halves);
    private final MemorySegment ofPairs = MemorySegment.ofArray(pairs);
    private final MemorySegment ofWidened = MemorySegment.ofArray(widened);

    private int used;

    @Override
    void load(DType dtype, MemorySegment from, long byteOffset, Operand to) {
        float[] array =
                switch (to) {
                    case X -> x;
                    case VECTOR -> vector;
                    case SECOND -> second;
                };
        MemorySegment lanes =
                switch (to) {
                    case X -> ofX;
                    case VECTOR -> ofVector;
                    case SECOND -> ofSecond;
                };
        long bytes = (long) n * dtype.byteSize();
        used = n;
        switch (dtype) {
            case FLOAT32 -> MemorySegment.copy(from, byteOffset, lanes, 0, bytes);
            case FLOAT16 -> {
                MemorySegment.copy(from, byteOffset, ofHalves, 0, bytes);
                widen(halves, array, n);
            }
            case BFLOAT16 -> {
                int half = n + 1 >>> 1;
                used = 2 * half;
                MemorySegment.copy(from, byteOffset, ofPairs, 0, bytes);
                upper(pairs, widened, half);
                MemorySegment.copy(ofWidened, 0, lanes, 0, 4L * half);
                lower(pairs, half);
                MemorySegment.copy(ofPairs, 0, lanes, 4L * half, 4L * half);
            }
            default -> throw new AssertionError(dtype);
        }
    }

    @Override
    void scale(double scale) {
        scale(x, (float) scale, used);
    }

    @Override
    void scaleAndShift(double scale, double shift) {
        scaleAndShift(x, (float) scale, (float) shift, used);
    }

    @Override
    void divide(double divisor) {
        divide(x, (float) divisor, used);
    }

    @Override
    void addVector() {
        add(x, vector, used);
    }

    @Override
    void multiplyByVector() {
        multiply(x, vector, used);
    }

    @Override
    void addSecond() {
        add(x, second, used);
    }

    @Override
    void blend(double rest, double p) {
        scale(second, (float) p, used);
        blend(x, (float) rest, second, used);
    }

    @Override
    MemorySegment round(DType dtype) {
        switch (dtype) {
            case FLOAT32 -> {
                return ofX;
            }
            case FLOAT16 -> {
                narrow(x, halves, n);
                return ofHalves;
            }
            case BFLOAT16 -> {
                int half = used / 2;
                MemorySegment.copy(ofX, 0, ofWidened, 0, 4L * used);
                round(widened, used);
                join(widened, half, pairs);
                return ofPairs;
            }
            default -> throw new AssertionError(dtype);
        }
    }

    private static void scale(float[] x, float scale, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= scale;
        }
    }

    private static void scaleAndShift(float[] x, float scale, float shift, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i], scale, shift);
        }
    }

    private static void divide(float[] x, float divisor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= divisor;
        }
    }

    private static void add(float[] x, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += to[i];
        }
    }

    private static void multiply(float[] x, float[] by, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= by[i];
        }
    }

    private static void blend(float[] x, float rest, float[] other, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.fma(x[i], rest, other[i]);
        }
    }

    private static void widen(short[] from, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = Float.float16ToFloat(from[i]);
        }
    }

    private static void narrow(float[] from, short[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = Float.floatToFloat16(from[i]);
        }
    }

    private static void upper(int[] pairs, int[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = pairs[i] & 0xFFFF0000;
        }
    }

    private static void lower(int[] pairs, int n) {
        for (int i = 0; i < n; i++) {
            pairs[i] <<= 16;
        }
    }

    /** Rounds patterns of float32 to their upper halves, ties to even; a NaN stays one. */
    private static void round(int[] x, int n) {
        for (int i = 0; i < n; i++) {
            int bits = x[i];
            int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
            int nan = 0x7F800000 - (bits & 0x7FFFFFFF) >> 31;
            x[i] = rounded & ~nan | (bits | 0x400000) & nan;
        }
    }

    private static void join(int[] widened, int half, int[] pairs) {
        for (int i = 0; i < half; i++) {
            pairs[i] = widened[i] & 0xFFFF0000 | widened[i + half] >>> 16;
        }
    }
}
