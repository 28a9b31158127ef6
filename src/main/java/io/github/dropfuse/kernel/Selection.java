package io.github.dropfuse.kernel;

/** Chooses between elements of two arrays, by a bit for each; on little-endian machines. */
final class Selection {
    /** The elements of a long that the bits of a number keep. */
    private static final long[] TWO = new long[4];

    private static final long[] FOUR = new long[16];

    static {
        for (int bits = 0; bits < 16; bits++) {
            for (int k = 0; k < 4; k++) {
                if ((bits >> k & 1) != 0) {
                    FOUR[bits] |= 0xFFFFL << 16 * k;
                    if (bits < 4) {
                        TWO[bits] |= 0xFFFFFFFFL << 32 * k;
                    }
                }
            }
        }
    }

    private Selection() {}

    /**
     * Replaces the elements of x whose bits are 0 by those of another array.
     *
     * @param size of an element in bytes: 2, 4 or 8
     * @param x elements in memory's order
     * @param other likewise
     * @param bits a bit for each
     * @param n how many there are; others up to the next multiple of 32 may change
     */
    static void select(int size, long[] x, long[] other, int[] bits, int n) {
        int words = n + 31 >>> 5;
        switch (size) {
            case 2 -> select2(x, other, bits, words);
            case 4 -> select4(x, other, bits, words);
            default -> select8(x, other, bits, words);
        }
    }

    private static void select2(long[] x, long[] other, int[] bits, int words) {
        for (int w = 0; w < words; w++) {
            int b = bits[w];
            int at = 8 * w;
            for (int j = 0; j < 8; j++) {
                x[at + j] = chosen(x[at + j], other[at + j], FOUR[b >>> 4 * j & 15]);
            }
        }
    }

    private static void select4(long[] x, long[] other, int[] bits, int words) {
        for (int w = 0; w < words; w++) {
            int b = bits[w];
            int at = 16 * w;
            for (int j = 0; j < 16; j++) {
                x[at + j] = chosen(x[at + j], other[at + j], TWO[b >>> 2 * j & 3]);
            }
        }
    }

    private static void select8(long[] x, long[] other, int[] bits, int words) {
        for (int w = 0; w < words; w++) {
            int b = bits[w];
            int at = 32 * w;
            for (int j = 0; j < 32; j++) {
                x[at + j] = chosen(x[at + j], other[at + j], b << 31 - j >> 31);
            }
        }
    }

    private static long chosen(long x, long other, long mask) {
        return other ^ (x ^ other) & mask;
    }
}
