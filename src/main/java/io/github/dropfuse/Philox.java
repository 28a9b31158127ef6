package io.github.dropfuse;

import java.util.Objects;

/**
 * Philox4x32-10, the counter-based generator that every decision is drawn from.
 *
 * <p>Salmon, Moraes, Dror and Shaw, <i>Parallel random numbers: as easy as 1, 2, 3</i>, SC'11. A
 * block of four 32-bit words is a pure function of a 128-bit counter and a 64-bit key, so any block
 * can be had at any time, on any device, without a state.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int KEY_INCREMENT_0 = 0x9E3779B9;
    private static final int KEY_INCREMENT_1 = 0xBB67AE85;

    private Philox() {}

    /**
     * One block of random words.
     *
     * @param counterLow counter words c0 (low half) and c1 (high half)
     * @param counterHigh counter words c2 (low half) and c3 (high half)
     * @param key key words k0 (low half) and k1 (high half)
     * @param words receives w0 to w3; at least four elements
     * @throws IllegalArgumentException if there are fewer
     */
    public static void block(long counterLow, long counterHigh, long key, int[] words) {
        if (Objects.requireNonNull(words, "words").length < 4) {
            throw new IllegalArgumentException(
                    "words has " + words.length + " elements, allowed are 4 and more");
        }
        int c0 = (int) counterLow;
        int c1 = (int) (counterLow >>> 32);
        int c2 = (int) counterHigh;
        int c3 = (int) (counterHigh >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += KEY_INCREMENT_0;
            k1 += KEY_INCREMENT_1;
        }
        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }
}
