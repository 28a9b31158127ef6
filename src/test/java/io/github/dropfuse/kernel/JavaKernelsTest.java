package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectorising Java backend has the reference's bits for every layout, form and type. */
class JavaKernelsTest {
    /** Lengths about the borders of words, tiles, chunks and windows. */
    private static final int[] LENGTHS = {
        1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 511, 512, 513, 2047, 2048, 2049, 8191, 8192, 8193
    };

    /** Units about the borders of tiles, of a counter's word, and of all. */
    private static final long[] STARTS = {
        0, 5, 511, 8190, (1L << 36) - 700, (1L << 36) - 512, Long.MAX_VALUE - 100, -1L << 40
    };

    @BeforeAll
    static void needsLittleEndian() {
        assumeTrue(JavaKernels.isAvailable(), "this machine's bytes are in the other order");
    }

    private static int length(SplittableRandom random) {
        return LENGTHS[random.nextInt(LENGTHS.length)];
    }

    private static Layout layout(SplittableRandom random) {
        long run = random.nextBoolean() ? 1 : length(random);
        long cycle = length(random);
        long repeat = random.nextBoolean() ? 1 : random.nextInt(1, 70);
        long step = random.nextBoolean() ? cycle : cycle + length(random);
        long start = STARTS[random.nextInt(STARTS.length)];
        return new Layout(run, cycle, repeat, step, start);
    }

    /** A mask of the contract's own, or a stored one that holds the units that are needed. */
    private static MaskSource source(SplittableRandom random, Layout layout, long elements) {
        long last = 0;
        for (long e = 0; e < elements; e++) {
            last = Math.max(last, layout.unit(e));
        }
        if (layout.start() < 0 || random.nextBoolean() || last > 1 << 22) {
            return new PhiloxState(random.nextLong(), random.nextLong() >>> 1);
        }
        byte[] bytes = new byte[(int) (last / 8 + 1)];
        random.nextBytes(bytes);
        return Mask.of(MemorySegment.ofArray(bytes), last + 1);
    }

    private static double p(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 0.5;
            default -> random.nextDouble();
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void drawsTheReferencesMasks(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int n = 0; n < 40; n++) {
            Layout layout = layout(random);
            int units = length(random) + random.nextInt(2) * 20_000;
            MaskSource source = source(random, layout, units);
            Range range = new Range(random.nextInt(units) / 8 * 8, Long.MAX_VALUE);
            byte[] expected = new byte[(units + 7) / 8];
            byte[] actual = new byte[(units + 7) / 8];
            double p = p(random);
            ReferenceKernels.INSTANCE.mask(
                    p, source, layout, Mask.of(MemorySegment.ofArray(expected), units), range);
            JavaKernels.INSTANCE.mask(
                    p, source, layout, Mask.of(MemorySegment.ofArray(actual), units), range);
            assertArrayEquals(expected, actual, layout + " from " + range.first() + ", p = " + p);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 700, 9000})
    void drawsUpToTheLastUnitOfAll(int units) {
        PhiloxState state = new PhiloxState(3, 4);
        for (int run : new int[] {1, 3}) {
            Layout layout = new Layout(run, units, 1, units, -units);
            long elements = (long) run * units;
            byte[] expected = new byte[(int) ((elements + 7) / 8)];
            byte[] actual = expected.clone();
            Range all = new Range(0, Long.MAX_VALUE);
            ReferenceKernels.INSTANCE.mask(
                    0.3, state, layout, Mask.of(MemorySegment.ofArray(expected), elements), all);
            JavaKernels.INSTANCE.mask(
                    0.3, state, layout, Mask.of(MemorySegment.ofArray(actual), elements), all);
            assertArrayEquals(expected, actual, layout.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void appliesTheReferencesEffects(DType dtype) {
        for (Effect.Form form : Effect.Form.values()) {
            if (form == Effect.Form.ADDED_NOISE || form == Effect.Form.MULTIPLIED_NOISE) {
                continue; // The reference computes them.
            }
            SplittableRandom random = new SplittableRandom(form.ordinal());
            for (int n = 0; n < 24; n++) {
                compare(random, dtype, form);
            }
        }
    }

    private static void compare(SplittableRandom random, DType dtype, Effect.Form form) {
        Layout layout = layout(random);
        int size = length(random) + random.nextInt(2) * 5_000;
        MaskSource source = source(random, layout, size);
        double dropped = random.nextBoolean() ? 0.0 : -1.7580993408473766;
        double shift =
                form == Effect.Form.PRODUCT ? 0.7 : random.nextBoolean() ? -0.0 : 0.25;
        Effect effect = new Effect(form, p(random), 1.25, shift, dropped);
        int first = random.nextInt(size);
        Range range = new Range(first, 1 + random.nextInt(size - first));
        Tensor x = tensor(random, dtype, size);
        Tensor vector = tensor(random, dtype, 1 + random.nextInt(2 * size));
        Tensor second =
                switch (form) {
                    case BRANCH, BIASED_BRANCH, SCALED_BRANCH, ZONEOUT ->
                            random.nextBoolean() ? null : tensor(random, dtype, size);
                    case BLEND -> tensor(random, dtype, size);
                    default -> null;
                };
        Tensor expected = tensor(random, dtype, size);
        Tensor actual = copy(expected);
        ReferenceKernels.INSTANCE.apply(
                effect, source, layout, x, vector, second, expected, range);
        JavaKernels.INSTANCE.apply(effect, source, layout, x, vector, second, actual, range);
        String what = effect + " " + layout + " " + range + " of " + size;
        assertArrayEquals(bits(expected), bits(actual), what);
        Tensor inPlace = copy(second == null ? x : second);
        Tensor plain = copy(inPlace);
        ReferenceKernels.INSTANCE.apply(
                effect,
                source,
                layout,
                second == null ? plain : x,
                vector,
                second == null ? null : plain,
                plain,
                range);
        JavaKernels.INSTANCE.apply(
                effect,
                source,
                layout,
                second == null ? inPlace : x,
                vector,
                second == null ? null : inPlace,
                inPlace,
                range);
        assertArrayEquals(bits(plain), bits(inPlace), what + " in place");
    }

    /** Values of all magnitudes and signs, infinities, NaNs and subnormal numbers. */
    private static Tensor tensor(SplittableRandom random, DType dtype, int size) {
        byte[] bytes = new byte[size * dtype.byteSize()];
        random.nextBytes(bytes);
        Tensor tensor = Tensor.of(MemorySegment.ofArray(bytes), dtype, size);
        for (int i = 0; i < size; i++) {
            if (random.nextInt(3) == 0) {
                tensor.set(i, random.nextDouble(-4, 4));
            }
        }
        return tensor;
    }

    private static Tensor copy(Tensor from) {
        return Tensor.of(MemorySegment.ofArray(bits(from)), from.dtype(), from.size());
    }

    /** The bytes; a NaN's are one and the same. */
    private static byte[] bits(Tensor tensor) {
        byte[] bytes = tensor.segment().toArray(ValueLayout.JAVA_BYTE);
        Tensor copy = Tensor.of(MemorySegment.ofArray(bytes), tensor.dtype(), tensor.size());
        for (long i = 0; i < copy.size(); i++) {
            if (Double.isNaN(copy.get(i))) {
                copy.set(i, Double.NaN);
            }
        }
        return bytes;
    }
}
