package io.github.dropfuse;

import java.util.Objects;

/**
 * MT19937, as in Matsumoto and Nishimura, <i>Mersenne Twister</i>, ACM TOMACS 8 (1998): 624 words
 * that are renewed all at once, and an output that is a scrambled copy of each.
 *
 * <p>Unlike {@link Philox} it is a sequence: a draw is known only once those before it were made.
 * It is here because PyTorch's CPU generator is this one; see {@link TorchGenerator}.
 */
public final class MersenneTwister {
    /** Words of a state, and outputs between two renewals. */
    public static final int WORDS = 624;

    private static final int DISTANCE = 397;
    private static final int UPPER = 0x80000000;
    private static final int TWIST = 0x9908B0DF;

    private MersenneTwister() {}

    /**
     * The state of a seed, to be {@linkplain #renew renewed} before its first output.
     *
     * @param seed any 32 bits
     * @param words receives the state; {@value #WORDS} elements
     * @throws IllegalArgumentException if there are fewer
     */
    public static void seed(int seed, int[] words) {
        check(words);
        words[0] = seed;
        for (int i = 1; i < WORDS; i++) {
            words[i] = 1812433253 * (words[i - 1] ^ words[i - 1] >>> 30) + i;
        }
    }

    /**
     * Makes the next {@value #WORDS} words.
     *
     * @param words the state; {@value #WORDS} elements
     * @throws IllegalArgumentException if there are fewer
     */
    public static void renew(int[] words) {
        check(words);
        int i = 0;
        for (; i < WORDS - DISTANCE; i++) {
            words[i] = words[i + DISTANCE] ^ twisted(words[i], words[i + 1]);
        }
        for (; i < WORDS - 1; i++) {
            words[i] = words[i + DISTANCE - WORDS] ^ twisted(words[i], words[i + 1]);
        }
        words[i] = words[i + DISTANCE - WORDS] ^ twisted(words[i], words[0]);
    }

    private static void check(int[] words) {
        if (Objects.requireNonNull(words, "words").length < WORDS) {
            throw new IllegalArgumentException(
                    "words has " + words.length + " elements, allowed are " + WORDS
                            + " and more");
        }
    }

    private static int twisted(int upper, int lower) {
        return (upper & UPPER | lower & ~UPPER) >>> 1 ^ -(lower & 1) & TWIST;
    }

    /**
     * The output that a word stands for.
     *
     * @param word a word of the state
     * @return 32 random bits
     */
    public static int temper(int word) {
        int y = word;
        y ^= y >>> 11;
        y ^= y << 7 & 0x9D2C5680;
        y ^= y << 15 & 0xEFC60000;
        return y ^ y >>> 18;
    }
}
