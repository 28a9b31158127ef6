package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.testing.MaskVectors;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.PhiloxAnswers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The mask contract on every backend and tier: its vectors, and its random bits one by one. */
class ContractTest {
    private static final String KERNELS = "io.github.dropfuse.kernel.TestKernels#all";
    private static final int TILE = 512;

    @ParameterizedTest
    @MethodSource(KERNELS)
    void vectors(Kernels kernels) {
        for (MaskVectors.Case vector : MaskVectors.all()) {
            byte[] mask = new byte[(vector.count() + 7) / 8];
            draw(
                    kernels, vector.p(), vector.seed(), vector.offset(), vector.start(),
                    Mask.of(MemorySegment.ofArray(mask), vector.count()));
            StringBuilder first = new StringBuilder();
            long kept = 0;
            for (int i = 0; i < vector.count(); i++) {
                int bit = mask[i / 8] >> i % 8 & 1;
                kept += bit;
                if (i < 64) {
                    first.append(bit);
                }
            }
            assertEquals(vector.first64(), first.toString(), vector::toString);
            assertEquals(vector.kept(), kept, vector::toString);
            assertEquals(
                    vector.sha256(),
                    MaskVectors.sha256(MemorySegment.ofArray(mask)),
                    vector::toString);
        }
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void firstBlockIsThePhiloxKnownAnswer(Kernels kernels) {
        int[] draws = firstDraws(kernels, 0, 0, 0);
        int[] words = new int[4];
        for (int i = 0; i < 16; i++) {
            words[i / 4] |= draws[i / 4 * 128 + i % 4] << 8 * (i % 4);
        }
        assertArrayEquals(PhiloxAnswers.all().getFirst().output(), words);
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void firstDrawsOfAnyTile(Kernels kernels) {
        long[] tiles = {0, 1, (1L << 27) - 1, 1L << 27, 1L << 35, (1L << 55) - 1};
        SplittableRandom random = new SplittableRandom(3);
        for (long tile : tiles) {
            long seed = random.nextLong();
            long offset = random.nextLong() >>> 1;
            int[] draws = firstDraws(kernels, seed, offset, tile * TILE);
            for (int e = 0; e < TILE; e++) {
                assertEquals(Oracle.firstDraw(seed, offset, tile * TILE + e), draws[e]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(KERNELS)
    void secondDrawsOfAnyUnit(Kernels kernels) {
        long[] units = {0, 1, 2, 3, 511, 512, (1L << 34) - 1, 1L << 34, (1L << 44) + 5, -2, -1};
        SplittableRandom random = new SplittableRandom(4);
        for (long unit : units) {
            long seed = random.nextLong();
            for (long offset : new long[] {0, random.nextLong() >>> 1, Long.MAX_VALUE}) {
                long hi = Oracle.firstDraw(seed, offset, unit);
                long drawn = 0;
                for (long bit = 1L << 31; bit > 0; bit >>= 1) {
                    long threshold = hi << 32 | drawn | bit;
                    drawn |= keeps(kernels, threshold, seed, offset, unit) ? 0 : bit;
                }
                assertEquals(Oracle.secondDraw(seed, offset, unit), drawn);
            }
        }
    }

    /** A unit is kept from the first threshold on that is above its 8 bits. */
    private static int[] firstDraws(Kernels kernels, long seed, long offset, long start) {
        int[] draws = new int[TILE];
        byte[] mask = new byte[TILE / 8];
        for (long hi = 1; hi < 256; hi++) {
            draw(
                    kernels, p(hi << 32), seed, offset, start,
                    Mask.of(MemorySegment.ofArray(mask), TILE));
            for (int e = 0; e < TILE; e++) {
                draws[e] += 1 - (mask[e / 8] >> e % 8 & 1);
            }
        }
        return draws;
    }

    private static boolean keeps(
            Kernels kernels, long threshold, long seed, long offset, long unit) {
        MemorySegment mask = MemorySegment.ofArray(new byte[1]);
        draw(kernels, p(threshold), seed, offset, unit, Mask.of(mask, 1));
        return mask.get(ValueLayout.JAVA_BYTE, 0) == 1;
    }

    private static void draw(
            Kernels kernels, double p, long seed, long offset, long start, Mask mask) {
        Layout units = new Layout(1, 1, 1, 1, start);
        kernels.mask(p, new PhiloxState(seed, offset), units, mask, Range.ALL);
    }

    /** The probability whose threshold this is, exactly. */
    private static double p(long threshold) {
        return 1.0 - threshold * 0x1p-40;
    }
}
