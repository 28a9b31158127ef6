package io.github.dropfuse.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Elements as bit patterns: reading, writing, making up, comparing. */
public final class Patterns {
    private Patterns() {}

    public static long get(DType dtype, MemorySegment segment, long element) {
        return switch (dtype.byteSize()) {
            case 2 -> segment.get(JAVA_SHORT_UNALIGNED, element * 2) & 0xFFFFL;
            case 4 -> segment.get(JAVA_INT_UNALIGNED, element * 4) & 0xFFFFFFFFL;
            default -> segment.get(JAVA_LONG_UNALIGNED, element * 8);
        };
    }

    public static void set(DType dtype, MemorySegment segment, long element, long bits) {
        switch (dtype.byteSize()) {
            case 2 -> segment.set(JAVA_SHORT_UNALIGNED, element * 2, (short) bits);
            case 4 -> segment.set(JAVA_INT_UNALIGNED, element * 4, (int) bits);
            default -> segment.set(JAVA_LONG_UNALIGNED, element * 8, bits);
        }
    }

    public static boolean isNaN(DType dtype, long bits) {
        return switch (dtype) {
            case FLOAT64 -> Double.isNaN(Double.longBitsToDouble(bits));
            case FLOAT32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
            case FLOAT16 -> (bits & 0x7FFF) > 0x7C00;
            case BFLOAT16 -> (bits & 0x7FFF) > 0x7F80;
        };
    }

    /** Zeros, infinities, quiet and signalling NaNs, subnormals, largest and smallest normals. */
    public static long[] specials(DType dtype) {
        int width = dtype.byteSize() * 8;
        int fraction =
                switch (dtype) {
                    case FLOAT64 -> 52;
                    case FLOAT32 -> 23;
                    case FLOAT16 -> 10;
                    case BFLOAT16 -> 7;
                };
        long infinity = (1L << width - 1) - (1L << fraction);
        long[] positive = {
            0,
            1,
            (1L << fraction) - 1,
            1L << fraction,
            infinity - 1,
            infinity,
            infinity + 1,
            infinity + (1L << fraction - 1),
            (1L << width - 1) - 1,
            infinity / 2
        };
        long[] all = new long[2 * positive.length];
        for (int i = 0; i < positive.length; i++) {
            all[i] = positive[i];
            all[positive.length + i] = positive[i] | 1L << width - 1;
        }
        return all;
    }

    /** Random patterns of the whole type, every eighth of them special. */
    public static void fill(DType dtype, MemorySegment segment, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] specials = specials(dtype);
        long elements = segment.byteSize() / dtype.byteSize();
        for (long e = 0; e < elements; e++) {
            long bits = random.nextLong();
            long special = specials[(int) (bits >>> 33) % specials.length];
            set(dtype, segment, e, e % 8 == 3 ? special : bits);
        }
    }

    /**
     * Demands equal bits of all elements; any NaN equals any NaN where {@code kept} products can be
     * NaN.
     */
    public static void assertEqual(
            DType dtype, MemorySegment expected, MemorySegment actual, String what) {
        if (expected.byteSize() != actual.byteSize()) {
            throw new AssertionError(
                    what + ": " + actual.byteSize() + " bytes for " + expected.byteSize());
        }
        int size = dtype.byteSize();
        long from = 0;
        while (from < expected.byteSize()) {
            long differs = expected.asSlice(from).mismatch(actual.asSlice(from));
            if (differs < 0) {
                return;
            }
            long element = (from + differs) / size;
            long wanted = get(dtype, expected, element);
            long found = get(dtype, actual, element);
            if (!isNaN(dtype, wanted) || !isNaN(dtype, found)) {
                throw new AssertionError(
                        String.format(
                                "%s: element %d is %x, expected is %x",
                                what, element, found, wanted));
            }
            from = (element + 1) * size;
        }
    }

    /** Demands that every byte of a range is the given one. */
    public static void assertFilled(MemorySegment segment, byte value, String what) {
        for (long i = 0; i < segment.byteSize(); i++) {
            if (segment.get(JAVA_BYTE, i) != value) {
                throw new AssertionError(what + ": byte " + i + " of " + segment.byteSize()
                        + " was written");
            }
        }
    }
}
