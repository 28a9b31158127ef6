package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Tensors for tests: filled from a seed, off alignment, between sentinels, compared by bits. */
final class Samples {
    private static final int MARGIN = 64;
    private static final byte SENTINEL = 0x5A;

    private static final double[] SPECIAL = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        0.0,
        -0.0,
        0x1p-149,
        -0x1p-1074,
        0x1.8p-24,
        65504.0,
        0x1.fffffep127,
        -0x1.fp1023
    };

    private Samples() {}

    /** Off alignment by one element, with sentinels around it that {@link #intact} looks at. */
    static Tensor empty(Arena arena, DType dtype, long... shape) {
        long size = Arrays.stream(shape).reduce(1, (a, b) -> a * b) * dtype.byteSize();
        MemorySegment all = arena.allocate(size + 2 * MARGIN + dtype.byteSize(), 64);
        all.fill(SENTINEL);
        return Tensor.of(all.asSlice(MARGIN + dtype.byteSize(), size), dtype, shape);
    }

    /** Values of a few magnitudes with special ones between them. */
    static Tensor any(Arena arena, DType dtype, long seed, long... shape) {
        Tensor x = empty(arena, dtype, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long e = 0; e < x.size(); e++) {
            boolean special = random.nextInt(16) == 0;
            x.set(
                    e,
                    special
                            ? SPECIAL[random.nextInt(SPECIAL.length)]
                            : (random.nextDouble() - 0.5) * (1 << random.nextInt(8)));
        }
        return x;
    }

    /** Finite values of about the size of 1. */
    static Tensor plain(Arena arena, DType dtype, long seed, long... shape) {
        Tensor x = empty(arena, dtype, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long e = 0; e < x.size(); e++) {
            x.set(e, random.nextDouble() * 4 - 2);
        }
        return x;
    }

    /** The same value everywhere. */
    static Tensor filled(Arena arena, DType dtype, double value, long... shape) {
        Tensor x = empty(arena, dtype, shape);
        for (long e = 0; e < x.size(); e++) {
            x.set(e, value);
        }
        return x;
    }

    static Tensor copy(Arena arena, Tensor x) {
        Tensor copy = empty(arena, x.dtype(), x.shape());
        MemorySegment.copy(x.segment(), 0, copy.segment(), 0, x.byteSize());
        return copy;
    }

    /** A view of the same memory before and after a tensor made here. */
    static void intact(String what, Tensor x) {
        long element = x.dtype().byteSize();
        MemorySegment all =
                MemorySegment.ofAddress(x.segment().address() - MARGIN - element)
                        .reinterpret(x.byteSize() + 2 * MARGIN + element);
        for (long at = 0; at < all.byteSize(); at++) {
            boolean outside = at < MARGIN + element || at >= MARGIN + element + x.byteSize();
            if (outside && all.get(ValueLayout.JAVA_BYTE, at) != SENTINEL) {
                fail(what + ": wrote " + (at - MARGIN - element) + " bytes from the tensor");
            }
        }
    }

    /** The same bits in every element, any NaN being equal to any NaN. */
    static void same(String what, Tensor expected, Tensor actual) {
        intact(what, actual);
        for (long e = 0; e < expected.size(); e++) {
            double a = expected.get(e);
            double b = actual.get(e);
            if (Double.doubleToLongBits(a) != Double.doubleToLongBits(b)) {
                fail(what + ": element " + e + " is " + b + ", expected is " + a);
            }
        }
    }
}
