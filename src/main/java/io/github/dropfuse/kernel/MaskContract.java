package io.github.dropfuse.kernel;

import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;

/**
 * The rule that decides which unit is kept, for one (p, seed, offset).
 *
 * <p>A unit is kept with probability T / 2^40, where T = rint((1 - p) 2^40). It is decided by 8
 * random bits that are compared with the upper 8 bits of T; only when they are equal, once in 256
 * units, 32 bits more are drawn and compared with the lower 32 bits of T.
 *
 * <p>The 8 bits of 512 units, a tile, come from 32 Philox blocks. This class remembers the tile it
 * drew last, so units are best asked for in order. Not thread-safe.
 */
final class MaskContract {
    static final int TILE = 512;

    private static final long ALL = 1L << 40;
    private static final int BLOCKS_PER_TILE = 32;
    private static final long SECOND_DRAW = 1L << 63;
    private static final long NO_TILE = -1;

    private final long threshold;
    private final long seed;
    private final long offset;

    private final int[] words = new int[4];
    private final int[] firstDraws = new int[TILE];
    private long tileDrawn = NO_TILE;

    MaskContract(double p, PhiloxState state) {
        this.threshold = threshold(p);
        this.seed = state.seed();
        this.offset = state.offset();
    }

    /** T for a probability that a unit is dropped. */
    static long threshold(double p) {
        return (long) Math.rint((1.0 - p) * 0x1p40);
    }

    /** Whether a threshold keeps all units or none, without a draw. */
    static boolean isConstant(long threshold) {
        return threshold == 0 || threshold == ALL;
    }

    /** Whether unit i, an unsigned index, is kept. */
    boolean keeps(long i) {
        if (threshold == ALL) {
            return true;
        }
        if (threshold == 0) {
            return false;
        }
        long hi = threshold >>> 32;
        long lo = threshold & 0xFFFFFFFFL;
        long r8 = firstDraw(i);
        return r8 < hi || r8 == hi && secondDraw(i) < lo;
    }

    private int firstDraw(long i) {
        long tile = i >>> 9;
        if (tile != tileDrawn) {
            drawTile(tile);
            tileDrawn = tile;
        }
        return firstDraws[(int) (i & TILE - 1)];
    }

    private void drawTile(long tile) {
        for (int lane = 0; lane < BLOCKS_PER_TILE; lane++) {
            long block = tile * BLOCKS_PER_TILE + lane;
            Philox.block(block, offset, seed, words);
            for (int word = 0; word < 4; word++) {
                for (int b = 0; b < 4; b++) {
                    firstDraws[word * 128 + lane * 4 + b] = words[word] >>> 8 * b & 0xFF;
                }
            }
        }
    }

    private long secondDraw(long i) {
        Philox.block(i >>> 2, offset | SECOND_DRAW, seed, words);
        return Integer.toUnsignedLong(words[(int) (i & 3)]);
    }
}
