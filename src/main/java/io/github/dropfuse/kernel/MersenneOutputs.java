package io.github.dropfuse.kernel;

import io.github.dropfuse.MersenneTwister;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The sequence of MT19937, whose state lies in memory: its words, and how many have been put out.
 */
final class MersenneOutputs {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    private final int[] words = new int[MersenneTwister.WORDS];
    private int used;

    MersenneOutputs(MemorySegment state) {
        MemorySegment.copy(state, WORD, 0, words, 0, words.length);
        used = state.getAtIndex(WORD, words.length);
    }

    /** The next output, an unsigned number of 32 bits. */
    long next() {
        if (used == words.length) {
            MersenneTwister.renew(words);
            used = 0;
        }
        return Integer.toUnsignedLong(MersenneTwister.temper(words[used++]));
    }

    /** Brings the state to where the sequence is. */
    void save(MemorySegment state) {
        MemorySegment.copy(words, 0, state, WORD, 0, words.length);
        state.setAtIndex(WORD, words.length, used);
    }
}
