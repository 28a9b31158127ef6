package io.github.dropfuse.kernel;

import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;

/**
 * Standard normal numbers, one per unit, for one (seed, offset): float32 values that every backend
 * computes to the same bits.
 *
 * <p><b>Draw.</b> A unit has 16 random bits: a sign, and 15 bits {@code a} that choose one of 2^15
 * slices of the half line, all of probability 2^-16, counted from the tail. The 64 outermost ones
 * would be too wide, so a unit that falls into one of these, once in 512, draws 16 bits more, which
 * cut the slice into 2^16. Its value is the quantile of the middle of its slice:
 *
 * <pre>
 *     T = 2a + 1                      where a >= 64
 *     T = (2(2^16 a + r) + 1) / 2^16  where a < 64
 *     n = sign * Q(T / 2^17)          Q(u) = the x > 0 that a normal number exceeds with probability u
 * </pre>
 *
 * <p>So the distribution is symmetric, no slice is wider than 2^-16 in probability or 0.005 in
 * value, no statistic of the distribution function is off by more than 2^-17, the variance is 1 -
 * 2.4e-8, and the largest value is 6.34, at a tail of 2^-33. To draw 32 bits for every unit would
 * double the cost for what no test of fewer than 10^10 numbers can see.
 *
 * <p><b>Transform.</b> Q is a polynomial of degree 5 in T for each power of 2 that T can lie
 * between, in float32 by Horner's rule with fused multiply-adds. T is exact in float32. Over all
 * values that can be drawn it is off by less than 4.1e-6, a ninth of the narrowest slice.
 *
 * <p><b>Counters.</b> 256 units, a tile, take 32 Philox blocks. Units e and e + 128 of a tile take
 * the lower and upper half of word e / 32 of block e % 32, for e below 128, so that a vector of
 * words makes two vectors of consecutive units. Second draws take the halves of the words of a block
 * per 8 units. The counter's last word has its top bit set, as the mask contract's second draws
 * have, but its second word begins with the bits 100, or 101 for the second draw, where the
 * contract's begins with 00 and {@link io.github.dropfuse.Generator#split} has ones only.
 */
final class Normals {
    static final int TILE = 256;

    /** Slices that are cut once more. */
    static final int OUTERMOST = 64;

    private static final int BLOCKS_PER_TILE = 32;
    private static final long NORMAL = 0b100L << 61;
    private static final long SECOND_DRAW = 0b101L << 61;
    private static final long TOP_BIT = 1L << 63;
    private static final long NO_TILE = -1;

    private final long seed;
    private final long offset;
    private final int[] words = new int[4];
    private final int[] draws = new int[TILE];
    private long tileDrawn = NO_TILE;

    Normals(PhiloxState state) {
        this.seed = state.seed();
        this.offset = state.offset() | TOP_BIT;
    }

    /** The number of unit i, an unsigned index. */
    float get(long i) {
        int draw = firstDraw(i);
        int slice = draw & 0x7FFF;
        float t =
                slice >= OUTERMOST
                        ? 2 * slice + 1
                        : (2 * (slice << 16 | secondDraw(i)) + 1) * 0x1p-16f;
        float n = quantile(t);
        return draw >>> 15 == 0 ? n : -n;
    }

    /** Q(t / 2^17), for 2^-16 <= t < 2^16. */
    static float quantile(float t) {
        int piece = Float.floatToRawIntBits(t) >>> 23 & 31;
        float[][] coefficients = NormalTable.COEFFICIENTS;
        float n = coefficients[5][piece];
        for (int power = 4; power >= 0; power--) {
            n = Math.fma(n, t, coefficients[power][piece]);
        }
        return n;
    }

    private int firstDraw(long i) {
        long tile = i >>> 8;
        if (tile != tileDrawn) {
            drawTile(tile);
            tileDrawn = tile;
        }
        return draws[(int) (i & TILE - 1)];
    }

    private void drawTile(long tile) {
        for (int lane = 0; lane < BLOCKS_PER_TILE; lane++) {
            Philox.block(tile * BLOCKS_PER_TILE + lane | NORMAL, offset, seed, words);
            for (int word = 0; word < 4; word++) {
                draws[word * 32 + lane] = words[word] & 0xFFFF;
                draws[word * 32 + lane + TILE / 2] = words[word] >>> 16;
            }
        }
    }

    private int secondDraw(long i) {
        Philox.block(i >>> 3 | SECOND_DRAW, offset, seed, words);
        return words[(int) (i >>> 1 & 3)] >>> 16 * (int) (i & 1) & 0xFFFF;
    }
}
