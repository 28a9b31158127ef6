package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ranges around and past 2^31 and 2^32 elements of tensors whose other pages are never touched, so
 * that every backend and tier can be asked for them whatever memory there is. Expected is what the
 * reference makes of the range alone, by a mask of the oracle's decisions.
 */
class HugeRangeTest {
    private static final long SIZE = (1L << 32) + 2000;
    private static final long[] CENTRES = {
        1L << 29, 1L << 30, 1L << 31, 1L << 32, (1L << 32) + 1200
    };
    private static final int AROUND = 700;
    private static final int COUNT = 2 * AROUND;
    private static final int LENGTH = 7;
    private static final long START = 1L << 50;
    private static final Layout[] LAYOUTS = {
        new Layout(1, 1, 1),
        new Layout((1L << 31) + 3, 1, 1),
        new Layout(1L << 32, 3, 5),
        new Layout(3, (1L << 31) + 1, 2),
        new Layout(1, 7, 1L << 40)
    };

    /** What a device is given of a mask for one call. */
    private static final long MOST_STAGED = 1 << 20;

    private record Layout(long run, long cycle, long repeat) {
        long unit(long e) {
            return e / (run * cycle * repeat) * cycle + e / run % cycle;
        }
    }

    /** A call on elements from the first one on; the mask is NULL where units are drawn. */
    private record Range(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            MemorySegment vector,
            long first,
            Layout of,
            MemorySegment mask,
            long start) {}

    private enum Primitive {
        DROP {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.drop(
                        r.dtype, r.y, r.y, r.first, COUNT, r.of.run, r.of.cycle, r.of.repeat,
                        r.mask, 0.5, 7, 8, r.start, 2.0);
            }
        },
        AFFINE {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.affine(
                        r.dtype, r.x, r.y, r.first, COUNT, r.of.run, r.of.cycle, r.of.repeat,
                        r.mask, 0.5, 7, 8, r.start, 0.9, 0.3, -0.7);
            }
        },
        RESIDUAL {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.residual(
                        r.dtype, r.x, VectorUse.ADD, r.vector, LENGTH, r.y, r.y, r.first, COUNT,
                        r.of.run, r.of.cycle, r.of.repeat, r.mask, 0.5, 7, 8, r.start, 2.0);
            }
        },
        SUM_ROWS {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.sumRows(
                        r.dtype, r.x, r.x, r.y, r.first, COUNT, LENGTH, r.of.run, r.of.cycle,
                        r.of.repeat, r.mask, 0.5, 7, 8, r.start, 2.0);
            }

            @Override
            long first(long centre) {
                return (centre - AROUND) / BLOCK * BLOCK;
            }

            @Override
            DType result(DType dtype) {
                return dtype.computesIn();
            }

            @Override
            MemorySegment part(DType dtype, MemorySegment y, long first) {
                long row = LENGTH * result(dtype).byteSize();
                return y.asSlice(first / BLOCK * row, (COUNT + BLOCK - 1) / BLOCK * row);
            }
        },
        PRODUCT {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.product(
                        r.dtype, r.x, r.y, r.first, COUNT, r.of.run, r.of.cycle, r.of.repeat,
                        r.mask, r.start, 0.7f, 2.0);
            }
        },
        NORMAL {
            @Override
            void run(Kernels kernels, Range r) {
                kernels.normal(r.dtype, r.x, r.y, r.first, COUNT, 7, 8, r.start, true, 0.5);
            }
        };

        private static final long BLOCK = Kernels.SUM_ROWS * LENGTH;

        abstract void run(Kernels kernels, Range range);

        long first(long centre) {
            return centre - AROUND;
        }

        DType result(DType dtype) {
            return dtype;
        }

        /** What is written. */
        MemorySegment part(DType dtype, MemorySegment y, long first) {
            return y.asSlice(first * dtype.byteSize(), COUNT * (long) dtype.byteSize());
        }
    }

    static Stream<Arguments> primitives() {
        List<Named<Kernels>> kernels = TestKernels.allAndCuda();
        return Stream.of(Primitive.values())
                .flatMap(primitive -> kernels.stream().map(on -> Arguments.of(primitive, on)));
    }

    @ParameterizedTest
    @MethodSource("primitives")
    void elementsRowsAndCycles(Primitive primitive, Kernels kernels) {
        for (DType dtype : DType.values()) {
            long bytes = SIZE * dtype.byteSize();
            try (GuardedMemory in = new GuardedMemory(bytes);
                    GuardedMemory out = new GuardedMemory(bytes);
                    GuardedMemory bits = new GuardedMemory(SIZE / 8)) {
                for (Layout layout : LAYOUTS) {
                    for (long centre : CENTRES) {
                        long first = primitive.first(centre);
                        MemorySegment mask = MemorySegment.NULL;
                        if (primitive == Primitive.PRODUCT) {
                            mask = mask(bits, first, layout);
                            if (kernels.backend().equals("cuda") && mask.byteSize() > MOST_STAGED) {
                                continue;
                            }
                        }
                        Range range =
                                new Range(
                                        dtype, in.last(bytes), out.last(bytes), vector(dtype, 0),
                                        first, layout, mask,
                                        primitive == Primitive.PRODUCT ? 0 : START);
                        check(primitive, kernels, range);
                    }
                }
            }
        }
    }

    private static void check(Primitive primitive, Kernels kernels, Range range) {
        DType dtype = range.dtype;
        long first = range.first;
        MemorySegment x = elements(dtype, range.x, first);
        MemorySegment y = elements(dtype, range.y, first);
        fill(primitive, dtype, x, first);
        Patterns.fill(dtype, y, first + 1);
        byte[] kept = new byte[COUNT / 8];
        for (int i = 0; i < COUNT; i++) {
            boolean keeps = Oracle.keeps(0.5, 7, 8, START + range.of.unit(first + i));
            kept[i / 8] |= (byte) (keeps ? 1 << i % 8 : 0);
        }
        Range alone =
                new Range(
                        dtype, copy(x), copy(y), vector(dtype, first), 0, new Layout(1, 1, 1),
                        MemorySegment.ofArray(kept),
                        primitive == Primitive.NORMAL ? START + first : 0);
        primitive.run(ReferenceKernels.INSTANCE, alone);
        primitive.run(kernels, range);
        Patterns.assertEqual(
                primitive.result(dtype), primitive.part(dtype, alone.y, 0),
                primitive.part(dtype, range.y, first),
                TestKernels.name(kernels) + " " + dtype + " from element " + first + " of "
                        + range.of);
    }

    /** Every pattern, but of sums numbers that do not soon make all of them NaN. */
    private static void fill(Primitive primitive, DType dtype, MemorySegment x, long seed) {
        Patterns.fill(dtype, x, seed);
        for (long i = 0; primitive == Primitive.SUM_ROWS && i < COUNT; i++) {
            dtype.set(x, i * dtype.byteSize(), (seed + i) * 2654435761L % 2039 * 0x1p-10);
        }
    }

    /** The vector that element 0 begins with, as it is met from another element on. */
    private static MemorySegment vector(DType dtype, long first) {
        MemorySegment vector = Arena.ofAuto().allocate(LENGTH * (long) dtype.byteSize(), 8);
        for (int i = 0; i < LENGTH; i++) {
            dtype.set(vector, i * (long) dtype.byteSize(), (first + i) % LENGTH - 2.5);
        }
        return vector;
    }

    /** The bits of the range's units, in a mask that ends with the greatest of them. */
    private static MemorySegment mask(GuardedMemory memory, long first, Layout layout) {
        long greatest = 0;
        for (long e = first; e < first + COUNT; e++) {
            greatest = Math.max(greatest, layout.unit(e));
        }
        MemorySegment mask = memory.last(greatest / 8 + 1);
        for (long e = first; e < first + COUNT; e++) {
            long unit = layout.unit(e);
            int bit = 1 << unit % 8;
            int others = mask.get(ValueLayout.JAVA_BYTE, unit / 8) & ~bit;
            boolean keeps = Oracle.keeps(0.5, 7, 8, START + unit);
            mask.set(ValueLayout.JAVA_BYTE, unit / 8, (byte) (others | (keeps ? bit : 0)));
        }
        return mask;
    }

    private static MemorySegment elements(DType dtype, MemorySegment of, long first) {
        return of.asSlice(first * dtype.byteSize(), COUNT * (long) dtype.byteSize());
    }

    private static MemorySegment copy(MemorySegment part) {
        return MemorySegment.ofArray(part.toArray(ValueLayout.JAVA_BYTE));
    }
}
