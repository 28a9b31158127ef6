package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kernel on small tensors, element by element as {@link Kernels} defines it. */
class KernelsTest {
    private static final PhiloxState STATE = new PhiloxState(3, 4);
    private static final double P = 0.4;
    private static final Layout LAYOUT = new Layout(2, 3, 2, 7, 5);
    private static final Range SOME = new Range(7, 30);

    /** Where tensors are: in native memory, or on the heap. */
    private enum Memory {
        NATIVE {
            @Override
            MemorySegment allocate(long bytes) {
                return Arena.ofAuto().allocate(bytes, 8);
            }
        },
        HEAP {
            @Override
            MemorySegment allocate(long bytes) {
                return MemorySegment.ofArray(new long[(int) (bytes + 7) / 8]).asSlice(0, bytes);
            }
        };

        abstract MemorySegment allocate(long bytes);

        /** Random numbers, of which sums depend on their order. */
        Tensor tensor(long seed, long... shape) {
            long size = 1;
            for (long extent : shape) {
                size *= extent;
            }
            Tensor tensor = Tensor.of(allocate(4 * size), DType.FLOAT32, shape);
            SplittableRandom random = new SplittableRandom(seed);
            for (long e = 0; e < size; e++) {
                tensor.set(e, random.nextDouble(-100, 100));
            }
            return tensor;
        }
    }

    static List<Arguments> places() {
        List<Arguments> places = new ArrayList<>();
        for (Named<Kernels> kernels : TestKernels.all()) {
            for (Memory memory : Memory.values()) {
                places.add(Arguments.of(kernels, memory));
            }
        }
        return places;
    }

    /** A value of an element that is kept or dropped. */
    private interface Formula {
        float value(boolean kept, float x, float vector, float second);
    }

    @ParameterizedTest
    @MethodSource("places")
    void branches(Kernels kernels, Memory memory) {
        Effect effect = Effect.drop(P, 1.7);
        float scale = (float) 1.7;
        check(
                kernels, memory, effect.as(Effect.Form.BRANCH),
                (kept, x, v, second) -> kept ? second + x * scale : second);
        check(
                kernels, memory, effect.as(Effect.Form.BIASED_BRANCH),
                (kept, x, v, second) -> kept ? second + (x + v) * scale : second);
        check(
                kernels, memory, effect.as(Effect.Form.SCALED_BRANCH),
                (kept, x, v, second) -> kept ? second + x * v * scale : second);
    }

    @ParameterizedTest
    @MethodSource("places")
    void choosesAndBlends(Kernels kernels, Memory memory) {
        Effect effect = Effect.drop(P, 1);
        check(
                kernels, memory, effect.as(Effect.Form.ZONEOUT),
                (kept, x, v, second) -> kept ? x : second);
        check(
                kernels, memory, effect.as(Effect.Form.BLEND),
                (kept, x, v, second) -> Math.fma(x, (float) (1 - P), (float) P * second));
        check(
                kernels, memory, Effect.drop(0, 1).as(Effect.Form.BLEND),
                (kept, x, v, second) -> x);
        check(
                kernels, memory, Effect.drop(1, 1).as(Effect.Form.BLEND),
                (kept, x, v, second) -> second);
    }

    @ParameterizedTest
    @MethodSource("places")
    void multipliesWithAMask(Kernels kernels, Memory memory) {
        check(
                kernels, memory, new Effect(Effect.Form.PRODUCT, P, 1.7, 0.6, 0),
                (kept, x, v, second) -> x / (float) 0.6 * (kept ? (float) 1.7 : 0));
    }

    /** With each source and each second operand that a form may have: without, with, in place. */
    private static void check(Kernels kernels, Memory memory, Effect effect, Formula formula) {
        Tensor x = memory.tensor(1, 8, 5);
        boolean hasVector =
                effect.form() == Effect.Form.BIASED_BRANCH
                        || effect.form() == Effect.Form.SCALED_BRANCH;
        Tensor vector = hasVector ? memory.tensor(2, 5) : null;
        Tensor second = memory.tensor(3, 8, 5);
        Mask mask = Mask.of(memory.allocate(16), 128);
        for (long unit = 0; unit < mask.units(); unit++) {
            mask.set(unit, unit % 3 == 0);
        }
        boolean alone = effect.form() == Effect.Form.PRODUCT;
        boolean blends = effect.form() == Effect.Form.BLEND;
        List<MaskSource> sources =
                alone ? List.of(mask) : blends ? List.of(STATE) : List.of(STATE, mask);
        for (MaskSource source : sources) {
            Tensor y = memory.tensor(4, 8, 5);
            if (!blends) {
                kernels.apply(effect, source, LAYOUT, x, vector, null, y, SOME);
                check(effect, source, formula, x, vector, null, memory.tensor(4, 8, 5), y);
            }
            if (!alone) {
                kernels.apply(effect, source, LAYOUT, x, vector, second, y, SOME);
                check(effect, source, formula, x, vector, second, memory.tensor(4, 8, 5), y);
                y = memory.tensor(3, 8, 5);
                kernels.apply(effect, source, LAYOUT, x, vector, y, y, SOME);
                check(effect, source, formula, x, vector, second, second, y);
            }
        }
    }

    private static void check(
            Effect effect,
            MaskSource source,
            Formula formula,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor before,
            Tensor y) {
        for (long e = 0; e < y.size(); e++) {
            double expected = before.get(e);
            if (e >= SOME.first() && e < SOME.first() + SOME.count()) {
                expected =
                        formula.value(
                                keeps(effect.p(), source, LAYOUT.unit(e)), (float) x.get(e),
                                vector == null ? 0 : (float) vector.get(e % 5),
                                second == null ? 0 : (float) second.get(e));
            }
            assertSame(expected, y.get(e), effect + ", element " + e);
        }
    }

    private static boolean keeps(double p, MaskSource source, long unit) {
        return source instanceof Mask mask
                ? mask.keeps(unit)
                : new MaskContract(p, STATE).keeps(unit);
    }

    private static void assertSame(double expected, double actual, String what) {
        assertEquals(
                Float.floatToIntBits((float) expected), Float.floatToIntBits((float) actual), what);
    }

    /** Blocks of 64 rows and one of 16, of which the first is left out of a range. */
    @ParameterizedTest
    @MethodSource("places")
    void sumsRows(Kernels kernels, Memory memory) {
        Effect effect = Effect.drop(P, 1.7);
        Tensor dy = memory.tensor(1, 400, 5);
        for (Tensor x : new Tensor[] {null, memory.tensor(2, 400, 5)}) {
            for (Range range : List.of(Range.ALL, new Range(320, 640))) {
                Tensor sums = memory.tensor(3, 7, 5);
                Tensor expected = memory.tensor(3, 7, 5);
                kernels.sumRows(effect, STATE, LAYOUT, dy, x, sums, range);
                long end = range.first() + range.count(dy.size());
                for (long e = range.first(); e < end; e++) {
                    float factor = x == null ? 1 : (float) x.get(e);
                    float term = (float) dy.get(e) * (float) 1.7 * factor;
                    long at = e / 320 * 5 + e % 5;
                    float before = e % 320 < 5 ? 0 : (float) expected.get(at);
                    expected.set(at, keeps(P, STATE, LAYOUT.unit(e)) ? before + term : before);
                }
                for (long at = 0; at < sums.size(); at++) {
                    assertSame(expected.get(at), sums.get(at), range + ", sum " + at);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void addsBlocksInATree(Kernels kernels, Memory memory) {
        for (int blocks = 0; blocks < 10; blocks++) {
            for (Memory other : Memory.values()) {
                Tensor y = other.tensor(2, 3);
                kernels.sumTree(memory.tensor(1, blocks, 3), y);
                for (int column = 0; column < 3; column++) {
                    float expected = tree(memory.tensor(1, blocks, 3), 0, 16, column);
                    assertSame(expected, y.get(column), blocks + " blocks, column " + column);
                }
            }
        }
    }

    /** What the blocks of [from, from + count) come to, a power of two. */
    private static float tree(Tensor sums, int from, int count, int column) {
        if (from >= sums.extent(0)) {
            return 0;
        }
        return count == 1
                ? (float) sums.get(3L * from + column)
                : tree(sums, from, count / 2, column)
                        + tree(sums, from + count / 2, count / 2, column);
    }

    @ParameterizedTest
    @MethodSource("places")
    void movesRows(Kernels kernels, Memory memory) {
        long[] indices = {8, 3, 0, 5, 7, 2};
        MemorySegment places = memory.allocate(8L * indices.length);
        MemorySegment.copy(indices, 0, places, ValueLayout.JAVA_LONG_UNALIGNED, 0, indices.length);
        for (Range range : List.of(Range.ALL, new Range(1, 3))) {
            long last = range.first() + range.count(indices.length);
            for (RowMove move : RowMove.values()) {
                for (double scale : new double[] {1, 1.7}) {
                    boolean gathers = move == RowMove.GATHER;
                    Tensor x = memory.tensor(1, gathers ? 9 : indices.length, 5);
                    Tensor y = memory.tensor(2, gathers ? indices.length : 9, 5);
                    Tensor expected = memory.tensor(2, y.shape());
                    kernels.rows(move, scale, places, x, y, range);
                    for (long row = range.first(); row < last; row++) {
                        for (long i = 0; i < 5; i++) {
                            long here = row * 5 + i;
                            long there = indices[(int) row] * 5 + i;
                            long to = gathers ? here : there;
                            float value = (float) x.get(gathers ? there : here);
                            float scaled = value * (float) scale;
                            expected.set(
                                    to,
                                    switch (move) {
                                        case GATHER -> scaled;
                                        case SCATTER -> value;
                                        case SCATTER_ADD -> (float) expected.get(to) + scaled;
                                    });
                        }
                    }
                    for (long e = 0; e < y.size(); e++) {
                        assertSame(expected.get(e), y.get(e), move + " " + range + ", " + e);
                    }
                }
            }
        }
    }

    /** Heap arrays are given to C in pieces, native memory as a whole. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.kernel.TestKernels#all")
    void largeCallsOnTheHeapGiveTheSameBits(Kernels kernels) {
        Range range = new Range(1 << 10, 150_000);
        Effect drop = Effect.drop(P, 1.7);
        sameInBothMemories(
                memory -> {
                    Tensor y = memory.tensor(2, 160_000);
                    Tensor x = memory.tensor(1, 160_000);
                    kernels.apply(drop, STATE, LAYOUT, x, null, null, y, range);
                    return y.segment();
                });
        sameInBothMemories(
                memory -> {
                    MemorySegment bytes = memory.allocate(20_000).fill((byte) 0x5A);
                    kernels.mask(P, STATE, LAYOUT, Mask.of(bytes, 160_000), range);
                    return bytes;
                });
    }

    /** Several blocks in a call, one, and one that is copied as it is too long for a heap's. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.kernel.TestKernels#all")
    void sumsOfLargeHeapTensorsGiveTheSameBits(Kernels kernels) {
        for (int length : new int[] {300, 1500, 5000}) {
            for (boolean product : new boolean[] {false, true}) {
                sameInBothMemories(
                        memory -> {
                            Tensor dy = memory.tensor(1, 400, length);
                            Tensor x = product ? memory.tensor(2, 400, length) : null;
                            Tensor sums = memory.tensor(3, 7, length);
                            Range range = new Range(64L * length, 300L * length);
                            kernels.sumRows(
                                    Effect.drop(P, 1.7), STATE, LAYOUT, dy, x, sums, range);
                            return sums.segment();
                        });
            }
        }
    }

    /** Many rows, and rows that are moved piece by piece. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.kernel.TestKernels#all")
    void largeRowsOnTheHeapGiveTheSameBits(Kernels kernels) {
        for (long[] size : new long[][] {{5000, 30}, {3, 70_000}}) {
            for (RowMove move : RowMove.values()) {
                sameInBothMemories(
                        memory -> {
                            Tensor x = memory.tensor(1, size);
                            Tensor y = memory.tensor(2, size);
                            MemorySegment places = memory.allocate(8 * size[0]);
                            for (long row = 0; row < size[0]; row++) {
                                places.setAtIndex(
                                        ValueLayout.JAVA_LONG_UNALIGNED, row, size[0] - 1 - row);
                            }
                            Range range = new Range(1, size[0] - 2);
                            kernels.rows(move, 1.7, places, x, y, range);
                            return y.segment();
                        });
            }
        }
    }

    private static void sameInBothMemories(Function<Memory, MemorySegment> call) {
        assertEquals(-1, call.apply(Memory.NATIVE).mismatch(call.apply(Memory.HEAP)));
    }

    /** Ten images, and the last two of them alone. */
    @ParameterizedTest
    @MethodSource("places")
    void dropsBlocks(Kernels kernels, Memory memory) {
        for (long[] spatial : new long[][] {{5, 7}, {7, 5}, {3, 5, 4}}) {
            for (int side = 1; side <= 3; side++) {
                for (boolean valid : new boolean[] {false, true}) {
                    BlockShape shape = new BlockShape(spatial, side, valid);
                    MemorySegment centres = memory.allocate((10 * shape.centres() + 63) / 64 * 8);
                    SplittableRandom random = new SplittableRandom(side);
                    for (long i = 0; i < centres.byteSize(); i++) {
                        byte bits = (byte) (random.nextInt() | random.nextInt() | random.nextInt());
                        centres.set(ValueLayout.JAVA_BYTE, i, bits);
                    }
                    checkBlocks(kernels, Memory.NATIVE, shape, centres, Range.ALL);
                    checkBlocks(kernels, Memory.HEAP, shape, centres, new Range(8, 2));
                }
            }
        }
    }

    /** The bits before the range stay, and the last byte ends with zeros. */
    private static void checkBlocks(
            Kernels kernels,
            Memory memory,
            BlockShape shape,
            MemorySegment centres,
            Range range) {
        long units = 10 * shape.positions();
        MemorySegment bytes = memory.allocate((units + 7) / 8).fill((byte) 0x5A);
        kernels.blocks(shape, centres, Mask.of(bytes, units), range);
        long count = 10 * shape.centres();
        Mask drawn = Mask.of(centres.asSlice(0, (count + 7) / 8), count);
        for (long bit = 0; bit < 8 * bytes.byteSize(); bit++) {
            boolean expected = (0x5A >> bit % 8 & 1) == 1;
            if (bit >= units) {
                expected = false;
            } else if (bit >= range.first() * shape.positions()) {
                expected = keeps(shape, drawn, bit / shape.positions(), bit % shape.positions());
            }
            boolean actual = (bytes.get(ValueLayout.JAVA_BYTE, bit / 8) >> bit % 8 & 1) == 1;
            assertEquals(expected, actual, shape + " " + range + ", bit " + bit);
        }
    }

    private static boolean keeps(BlockShape shape, Mask drawn, long image, long position) {
        for (long centre = 0; centre < shape.centres(); centre++) {
            if (!drawn.keeps(image * shape.centres() + centre) && covers(shape, centre, position)) {
                return false;
            }
        }
        return true;
    }

    private static boolean covers(BlockShape shape, long centre, long position) {
        int before = (shape.side() - 1) / 2;
        for (int d = shape.spatial().length - 1; d >= 0; d--) {
            long along = shape.spatial()[d] - (shape.valid() ? shape.side() - 1 : 0);
            long middle = centre % along + (shape.valid() ? before : 0);
            long place = position % shape.spatial()[d];
            if (place < middle - before || place > middle + shape.side() / 2) {
                return false;
            }
            centre /= along;
            position /= shape.spatial()[d];
        }
        return true;
    }
}
