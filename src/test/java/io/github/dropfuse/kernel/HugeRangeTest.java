package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ranges around and past 2^31 and 2^32 elements of tensors whose other pages are never touched, so
 * that every backend and tier can be asked for them whatever memory there is. Expected is what the
 * reference makes of the range alone, by a mask of the oracle's decisions.
 */
@Tag("long")
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
        layout(1, 1, 1, 1),
        layout((1L << 31) + 3, 1, 1, 1),
        layout(1L << 32, 3, 5, 3),
        layout(3, (1L << 31) + 1, 2, (1L << 31) + 1),
        layout(1, 7, 1L << 40, 7),
        layout(1, 300, 1, 1000),
        layout(5, 3, 2, 1L << 21)
    };

    /** What a device is given of a mask for one call. */
    private static final long MOST_STAGED = 1 << 20;

    private static final PhiloxState STATE = new PhiloxState(7, 8);

    private static Layout layout(long run, long cycle, long repeat, long step) {
        return new Layout(run, cycle, repeat, step, 0);
    }

    private static Layout from(long start, Layout layout) {
        return new Layout(
                layout.run(), layout.cycle(), layout.repeat(), layout.step(), start);
    }

    /** A call on elements from the first one on. */
    private record Call(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            MemorySegment vector,
            long first,
            Layout of,
            MaskSource source) {
        Tensor tensor(MemorySegment memory) {
            return Tensor.of(memory, dtype, memory.byteSize() / dtype.byteSize());
        }

        /** Without a vector, y is what a branch is added to where that is asked for. */
        void apply(Kernels kernels, Effect effect, boolean inPlace, boolean branch) {
            Tensor out = tensor(y);
            kernels.apply(
                    effect, source, of, inPlace ? out : tensor(x), branch ? tensor(vector) : null,
                    branch ? out : null, out, new Range(first, COUNT));
        }
    }

    private enum Primitive {
        DROP {
            @Override
            void run(Kernels kernels, Call call) {
                call.apply(kernels, Effect.drop(0.5, 2.0), true, false);
            }
        },
        AFFINE {
            @Override
            void run(Kernels kernels, Call call) {
                Effect affine = new Effect(Effect.Form.DROP, 0.5, 0.9, 0.3, -0.7);
                call.apply(kernels, affine, false, false);
            }
        },
        RESIDUAL {
            @Override
            void run(Kernels kernels, Call call) {
                Effect branch = Effect.drop(0.5, 2.0).as(Effect.Form.BIASED_BRANCH);
                call.apply(kernels, branch, false, true);
            }
        },
        SUM_ROWS {
            @Override
            void run(Kernels kernels, Call call) {
                DType sums = result(call.dtype);
                long row = LENGTH * (long) sums.byteSize();
                long rows = call.y.byteSize() / row;
                Tensor x = call.tensor(call.x);
                kernels.sumRows(
                        Effect.drop(0.5, 2.0), call.source, call.of, x, x,
                        Tensor.of(call.y.asSlice(0, rows * row), sums, rows, LENGTH),
                        new Range(call.first, COUNT));
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
            void run(Kernels kernels, Call call) {
                Effect product = new Effect(Effect.Form.PRODUCT, 0, 2.0, 0.7f, 0);
                call.apply(kernels, product, false, false);
            }
        },
        NORMAL {
            @Override
            void run(Kernels kernels, Call call) {
                Effect noise = Effect.drop(0, 0.5).as(Effect.Form.MULTIPLIED_NOISE);
                call.apply(kernels, noise, false, false);
            }
        };

        private static final long BLOCK = Kernels.SUM_ROWS * LENGTH;

        abstract void run(Kernels kernels, Call call);

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
                    if (primitive == Primitive.NORMAL && layout.run() * layout.repeat() > 1) {
                        continue;
                    }
                    for (long centre : CENTRES) {
                        long first = primitive.first(centre);
                        MaskSource source = STATE;
                        if (primitive == Primitive.PRODUCT) {
                            if (greatest(first, layout) >= SIZE) {
                                continue;
                            }
                            MemorySegment mask = mask(bits, first, layout);
                            if (kernels.place().backend().equals("cuda")
                                    && mask.byteSize() > MOST_STAGED) {
                                continue;
                            }
                            source = Mask.of(mask, mask.byteSize() * 8);
                        }
                        check(
                                primitive,
                                kernels,
                                new Call(
                                        dtype, in.last(bytes), out.last(bytes), vector(dtype, 0),
                                        first,
                                        primitive == Primitive.PRODUCT ? layout : from(START, layout),
                                        source));
                    }
                }
            }
        }
    }

    private static void check(Primitive primitive, Kernels kernels, Call range) {
        DType dtype = range.dtype;
        long first = range.first;
        MemorySegment x = elements(dtype, range.x, first);
        MemorySegment y = elements(dtype, range.y, first);
        fill(primitive, dtype, x, first);
        Patterns.fill(dtype, y, first + 1);
        byte[] kept = new byte[COUNT / 8];
        for (int i = 0; i < COUNT; i++) {
            boolean keeps = 
                    Oracle.keeps(
                            0.5, 7, 8,
                            range.of.unit(first + i) + (primitive == Primitive.PRODUCT ? START : 0));
            kept[i / 8] |= (byte) (keeps ? 1 << i % 8 : 0);
        }
        Call alone =
                new Call(
                        dtype, copy(x), copy(y), vector(dtype, first), 0, Layout.ELEMENTS,
                        Mask.of(MemorySegment.ofArray(kept), COUNT));
        if (primitive == Primitive.NORMAL) {
            runByElement(range, alone, first);
        } else {
            primitive.run(ReferenceKernels.INSTANCE, alone);
        }
        primitive.run(kernels, range);
        Patterns.assertEqual(
                primitive.result(dtype), primitive.part(dtype, alone.y, 0),
                primitive.part(dtype, range.y, first),
                TestKernels.name(kernels) + " " + dtype + " from element " + first + " of "
                        + range.of);
    }

    /** Normal numbers one by one, each from the unit that it is said to have. */
    private static void runByElement(Call range, Call alone, long first) {
        Effect noise = Effect.drop(0, 0.5).as(Effect.Form.MULTIPLIED_NOISE);
        Tensor x = alone.tensor(alone.x);
        Tensor y = alone.tensor(alone.y);
        for (long e = 0; e < COUNT; e++) {
            Layout unit = new Layout(1, 1, 1, 1, range.of.unit(first + e) - e);
            ReferenceKernels.INSTANCE.apply(
                    noise, STATE, unit, x, null, null, y, new Range(e, 1));
        }
    }

    private static long greatest(long first, Layout layout) {
        long greatest = 0;
        for (long e = first; e < first + COUNT; e++) {
            greatest = Math.max(greatest, layout.unit(e));
        }
        return greatest;
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
        MemorySegment mask = memory.last(greatest(first, layout) / 8 + 1);
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
