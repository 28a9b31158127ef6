package io.github.dropfuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The element types of a tensor. Each is stored in the machine's byte order at any alignment.
 *
 * <p>{@link #FLOAT16} and {@link #BFLOAT16} are formats of storage: they are widened to float32,
 * which is exact, computed with, and rounded once to the nearest value, ties to even. A NaN stays a
 * NaN in both directions.
 */
public enum DType {
    /** IEEE 754 binary32, Java's {@code float}. */
    FLOAT32("float32", Float.BYTES) {
        @Override
        public double get(MemorySegment segment, long byteOffset) {
            return of(segment).get(ValueLayout.JAVA_FLOAT_UNALIGNED, byteOffset);
        }

        @Override
        public void set(MemorySegment segment, long byteOffset, double value) {
            of(segment).set(ValueLayout.JAVA_FLOAT_UNALIGNED, byteOffset, (float) value);
        }
    },

    /** IEEE 754 binary64, Java's {@code double}. */
    FLOAT64("float64", Double.BYTES) {
        @Override
        public double get(MemorySegment segment, long byteOffset) {
            return of(segment).get(ValueLayout.JAVA_DOUBLE_UNALIGNED, byteOffset);
        }

        @Override
        public void set(MemorySegment segment, long byteOffset, double value) {
            of(segment).set(ValueLayout.JAVA_DOUBLE_UNALIGNED, byteOffset, value);
        }
    },

    /** IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. */
    FLOAT16("float16", Short.BYTES) {
        @Override
        public double get(MemorySegment segment, long byteOffset) {
            return Float.float16ToFloat(
                    of(segment).get(ValueLayout.JAVA_SHORT_UNALIGNED, byteOffset));
        }

        @Override
        public void set(MemorySegment segment, long byteOffset, double value) {
            of(segment).set(
                    ValueLayout.JAVA_SHORT_UNALIGNED,
                    byteOffset,
                    Float.floatToFloat16((float) value));
        }
    },

    /** The upper half of a binary32: 1 sign bit, 8 exponent bits, 7 fraction bits. */
    BFLOAT16("bfloat16", Short.BYTES) {
        @Override
        public double get(MemorySegment segment, long byteOffset) {
            return bfloat16ToFloat(of(segment).get(ValueLayout.JAVA_SHORT_UNALIGNED, byteOffset));
        }

        @Override
        public void set(MemorySegment segment, long byteOffset, double value) {
            of(segment).set(
                    ValueLayout.JAVA_SHORT_UNALIGNED, byteOffset, floatToBfloat16((float) value));
        }
    };

    private final String label;
    private final int byteSize;

    DType(String label, int byteSize) {
        this.label = label;
        this.byteSize = byteSize;
    }

    /**
     * Reads an element.
     *
     * @param segment memory to read from
     * @param byteOffset where the element begins, in bytes
     * @return the element's value, widened without loss
     */
    public abstract double get(MemorySegment segment, long byteOffset);

    /**
     * Writes an element. The value is rounded to {@link #computesIn} the compute type first and
     * from there to this type, to nearest, ties to even.
     *
     * @param segment memory to write to
     * @param byteOffset where the element begins, in bytes
     * @param value what to write
     */
    public abstract void set(MemorySegment segment, long byteOffset, double value);

    private static MemorySegment of(MemorySegment segment) {
        return Objects.requireNonNull(segment, "segment");
    }

    /** {@return the size of an element in bytes: 2, 4 or 8} */
    public int byteSize() {
        return byteSize;
    }

    /**
     * {@return the type in which this one is computed with: {@link #FLOAT64} for float64, else
     * {@link #FLOAT32}}
     */
    public DType computesIn() {
        return this == FLOAT64 ? FLOAT64 : FLOAT32;
    }

    /**
     * Widens a bfloat16 pattern, exactly.
     *
     * @param bits the pattern
     * @return its value
     */
    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Rounds to bfloat16, to nearest, ties to even; a NaN gives a NaN.
     *
     * @param value the value to round
     * @return the pattern
     */
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        int half = 0x7FFF + (bits >>> 16 & 1);
        return (short) (bits + half >>> 16);
    }

    /** The field's name of the type, such as {@code float32}. */
    @Override
    public String toString() {
        return label;
    }
}
