package io.github.dropfuse.kernel;

import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;
import java.util.Arrays;

/**
 * The {@linkplain MaskContract contract's} draw for many units at once, in loops that HotSpot's C2
 * compiler turns into vector instructions: each works on arrays of one type, at one index, without
 * a branch.
 *
 * <p>A lane is one Philox block. A word of its counter is the low half of a long, whose high half
 * is noise: a product of two low halves then takes one instruction. Lanes are in such an order that
 * eight neighbouring blocks lie an eighth of all lanes apart, so that no step packs across lanes.
 */
final class LaneDraw {
    /** Tiles that are drawn at once. With few, the loops' ends outweigh their vector parts. */
    private static final int TILES = 16;

    /** The most units that {@link #draw} gives. */
    static final int UNITS = TILES * MaskContract.TILE;

    private static final int BLOCKS = MaskContract.TILE / 16;
    private static final int LANES = TILES * BLOCKS;

    /** Arrays of equal length that follow each other would share the low 12 bits of addresses. */
    private static final int PADDED = LANES + 22;

    private static final long LOW = 0xFFFFFFFFL;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final long SECOND_DRAW = 1L << 63;
    private static final int LOW_7_BITS = 0x7F7F7F7F;
    private static final int EACH_BYTE = 0x01010101;

    private final long[] c0 = new long[PADDED];
    private final long[] c1 = new long[PADDED];
    private final long[] c2 = new long[PADDED];
    private final long[] c3 = new long[PADDED];
    private final long[] spare = new long[PADDED];

    /** Loaded, and masked there: so C2 sees that a product is one of 32-bit numbers. */
    private final long[] m0 = filled(M0);

    private final long[] m1 = filled(M1);

    /** The block of each lane, counted from the first one. */
    private final long[] order = new long[PADDED];

    private int ordered;
    private final int[][] random = new int[4][LANES];
    private final int[] nibbles = new int[LANES];
    private final int[] undecided = new int[LANES];
    private final int[] lanes = new int[LANES + 1];
    private final int[] words = new int[4];

    private long threshold;
    private long seed;
    private long offset;

    private static long[] filled(long value) {
        long[] array = new long[PADDED];
        Arrays.fill(array, value);
        return array;
    }

    /** Sets what is drawn from then on; a threshold of 1 to 2^40 - 1. */
    void begin(long threshold, PhiloxState state) {
        this.threshold = threshold;
        this.seed = state.seed();
        this.offset = state.offset();
    }

    /**
     * Decides whole tiles.
     *
     * @param tile the first one, a unit's index / 512
     * @param last the last one that is wanted
     * @param bits receives 16 ints a tile: a set bit keeps its unit
     * @return how many tiles were decided, at least 1
     */
    int draw(long tile, long last, int[] bits) {
        long block = tile * BLOCKS;
        long wanted = Math.min(TILES, last - tile + 1);
        // The counter's second word is the same for all lanes.
        int tiles = (int) Math.min(wanted, (LOW + 1 - (block & LOW)) / BLOCKS);
        int n = tiles * BLOCKS;
        philox(block, n);
        int high = (int) (threshold >>> 32);
        for (int k = 0; k < 4; k++) {
            below(random[k], nibbles, high, n);
            pack(nibbles, bits, k, n / 8);
        }
        if ((threshold & LOW) != 0) {
            Arrays.fill(undecided, 0, n, 0);
            for (int k = 0; k < 4; k++) {
                equal(random[k], undecided, high * EACH_BYTE, 7 - k, n);
            }
            secondDraws(tile, bits, n);
        }
        return tiles;
    }

    private void philox(long block, int n) {
        if (n != ordered) {
            for (int j = 0; j < n; j++) {
                order[j] = j % (n / 8) * 8 + j / (n / 8);
            }
            ordered = n;
        }
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        // Of the first two rounds, one product each is the same for all lanes.
        long same1 = (offset & LOW) * M1;
        long same0 = ((same1 >>> 32 ^ block >>> 32 ^ k0) & LOW) * M0;
        long[] in = c2;
        long[] out = spare;
        first(order, c1, in, m0, block & LOW, offset >>> 32 ^ k1, same0 >>> 32 ^ k1 + W1, n);
        begun(c1, c1, c0, m1, same1 ^ k0 + W0, n);
        k0 += 2 * W0;
        k1 += 2 * W1;
        begun(c0, c3, out, m0, same0 ^ k1, n);
        half(in, c1, c0, m1, k0, n);
        for (int round = 3; round < 9; round++) {
            long[] swap = in;
            in = out;
            out = swap;
            k0 += W0;
            k1 += W1;
            half(c0, c3, out, m0, k1, n);
            half(in, c1, c0, m1, k0, n);
        }
        k0 += W0;
        k1 += W1;
        last(c0, c3, random[2], random[3], m0, k1, n);
        last(out, c1, random[0], random[1], m1, k0, n);
    }

    /** The first round's product, and of the second round what needs none. */
    private static void first(
            long[] order, long[] high, long[] low, long[] m, long block, long x, long y, int n) {
        for (int j = 0; j < n; j++) {
            long product = (order[j] + block & LOW) * (m[j] & LOW);
            high[j] = product >>> 32 ^ x;
            low[j] = product ^ y;
        }
    }

    /** Half a round where the low half of the round before is the same for all, and in the key. */
    private static void begun(
            long[] word, long[] low, long[] high, long[] m, long key, int n) {
        for (int j = 0; j < n; j++) {
            long product = (word[j] & LOW) * (m[j] & LOW);
            high[j] = product >>> 32 ^ key;
            low[j] = product;
        }
    }

    /** Half a round: the product of one word, whose halves make two. More per loop is slower. */
    private static void half(
            long[] word, long[] low, long[] high, long[] m, long key, int n) {
        for (int j = 0; j < n; j++) {
            long product = (word[j] & LOW) * (m[j] & LOW);
            high[j] = product >>> 32 ^ low[j] ^ key;
            low[j] = product;
        }
    }

    private static void last(
            long[] word, long[] low, int[] high, int[] lowest, long[] m, long key, int n) {
        for (int j = 0; j < n; j++) {
            long product = (word[j] & LOW) * (m[j] & LOW);
            high[j] = (int) (product >>> 32 ^ low[j] ^ key);
            lowest[j] = (int) product;
        }
    }

    /** Four decisions a word: bit b is whether byte b is below a bound of 8 bits. */
    private static void below(int[] random, int[] nibbles, int bound, int n) {
        int complement = (128 - (bound & 127)) * EACH_BYTE;
        int either = bound < 128 ? -1 : 0;
        for (int j = 0; j < n; j++) {
            int v = random[j];
            int low = (v & LOW_7_BITS) + complement; // Its top bits: the low 7 are not below.
            int below = ~(low & v | (low | v) & either) >>> 7 & EACH_BYTE;
            below |= below >>> 7;
            nibbles[j] = (below | below >>> 14) & 15;
        }
    }

    /** Eight lanes' nibbles a word: those of neighbouring blocks. */
    private static void pack(int[] nibbles, int[] bits, int k, int eighth) {
        for (int q = 0; q < eighth; q++) {
            bits[(q >>> 2) * 16 + k * 4 + (q & 3)] =
                    nibbles[q]
                            | nibbles[q + eighth] << 4
                            | nibbles[q + 2 * eighth] << 8
                            | nibbles[q + 3 * eighth] << 12
                            | nibbles[q + 4 * eighth] << 16
                            | nibbles[q + 5 * eighth] << 20
                            | nibbles[q + 6 * eighth] << 24
                            | nibbles[q + 7 * eighth] << 28;
        }
    }

    /** Adds bit 8 b + k for each byte b that equals the bound's, where shift = 7 - k. */
    private static void equal(int[] random, int[] equal, int bounds, int shift, int n) {
        for (int j = 0; j < n; j++) {
            int v = random[j] ^ bounds;
            equal[j] |= ~((v & LOW_7_BITS) + LOW_7_BITS | v | LOW_7_BITS) >>> shift;
        }
    }

    /** Lanes with undecided units are listed without a branch: which ones cannot be foretold. */
    private void secondDraws(long tile, int[] bits, int n) {
        int count = 0;
        for (int j = 0; j < n; j++) {
            lanes[count] = j;
            count += (undecided[j] | -undecided[j]) >>> 31;
        }
        for (int i = 0; i < count; i++) {
            int block = (int) order[lanes[i]];
            int unit = block / BLOCKS * MaskContract.TILE + block % BLOCKS * 4;
            for (int left = undecided[lanes[i]]; left != 0; left &= left - 1) {
                int bit = Integer.numberOfTrailingZeros(left);
                int u = unit + (bit & 7) * 128 + (bit >>> 3);
                bits[u >>> 5] |= (int) secondDraw(tile * MaskContract.TILE + u) << u;
            }
        }
    }

    /** 1 if the unit is kept, else 0. */
    private long secondDraw(long unit) {
        Philox.block(unit >>> 2, offset | SECOND_DRAW, seed, words);
        return Integer.toUnsignedLong(words[(int) (unit & 3)]) - (threshold & LOW) >>> 63;
    }
}
