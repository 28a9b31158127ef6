package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;

/**
 * Arrays of a compute type, and the operations on them: loops that C2 turns into vector
 * instructions. Each works on the first n elements, which {@link #begin} sets. Every element is
 * computed alone, so a type may have them in an order of its own.
 */
abstract class Lanes {
    /** Elements that arrays hold: a chunk of {@link ElementBits}, and room for whole words. */
    static final int LENGTH = ElementBits.MOST + 64;

    /** The arrays, by what is loaded into them. */
    enum Operand {
        X,
        VECTOR,
        SECOND
    }

    int n;

    /** Sets how many elements there are from then on. */
    final void begin(int elements) {
        n = elements;
    }

    /** Widens elements of a type to an operand. */
    abstract void load(DType dtype, MemorySegment from, long byteOffset, Operand to);

    /** x = x * scale. */
    abstract void scale(double scale);

    /** x = x * scale + shift, rounded once. */
    abstract void scaleAndShift(double scale, double shift);

    /** x = x / divisor. */
    abstract void divide(double divisor);

    /** x = x + vector. */
    abstract void addVector();

    /** x = x * vector. */
    abstract void multiplyByVector();

    /** x = second + x. */
    abstract void addSecond();

    /** x = x * rest + p * second, where the product with p is rounded before. */
    abstract void blend(double rest, double p);

    /**
     * Rounds x to a type.
     *
     * @return the elements of that type, from byte 0 on; valid until the next call
     */
    abstract MemorySegment round(DType dtype);
}
