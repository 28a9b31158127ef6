package io.github.dropfuse;

import java.util.Arrays;
import java.util.Objects;

/**
 * A place in the sequence of a {@link TorchGenerator}: all that has to be kept to draw again from
 * there. Immutable, about 2.5 KB.
 */
public final class TorchState {
    private final int[] words;
    private final int used;

    private TorchState(int[] words, int used) {
        this.words = words;
        this.used = used;
    }

    /**
     * A state from its parts, as another MT19937 generator may give them.
     *
     * @param words the {@value MersenneTwister#WORDS} words
     * @param used how many of them have been put out since they were made, 0 to {@value
     *     MersenneTwister#WORDS}
     * @return a state with a copy of the words
     * @throws IllegalArgumentException if there is another number of words, or {@code used} is out
     *     of its range
     */
    public static TorchState of(int[] words, int used) {
        int[] copy = Objects.requireNonNull(words, "words").clone();
        if (copy.length != MersenneTwister.WORDS) {
            throw new IllegalArgumentException(
                    "words has " + copy.length + " elements, allowed are "
                            + MersenneTwister.WORDS);
        }
        if (used < 0 || used > MersenneTwister.WORDS) {
            throw new IllegalArgumentException(
                    "used is " + used + ", allowed are 0 to " + MersenneTwister.WORDS);
        }
        return new TorchState(copy, used);
    }

    /** {@return the {@value MersenneTwister#WORDS} words of the generator, in a new array} */
    public int[] words() {
        return words.clone();
    }

    /** {@return how many of the words have been put out, 0 to {@value MersenneTwister#WORDS}} */
    public int used() {
        return used;
    }

    /** Whether the other object is a state with the same words and place. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TorchState state
                && state.used == used
                && Arrays.equals(state.words, words);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(words) + used;
    }

    /** The place, and a number that tells states apart. */
    @Override
    public String toString() {
        return "TorchState[used=" + used + ", hash=" + Integer.toHexString(hashCode()) + "]";
    }
}
