package io.github.dropfuse.kernel;

import io.github.dropfuse.MersenneTwister;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A mask from the sequence of MT19937, whose state lies in memory and moves on. */
final class MersenneMask {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

    private final int[] words = new int[MersenneTwister.WORDS];
    private int used;

    private MersenneMask(MemorySegment state) {
        MemorySegment.copy(state, WORD, 0, words, 0, words.length);
        used = state.getAtIndex(WORD, words.length);
    }

    static void draw(
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask) {
        MersenneMask generator = new MersenneMask(state);
        long low = (1L << bits) - 1;
        for (long from = 0; from < count; from += 8) {
            int packed = 0;
            for (int j = 0; j < Math.min(8, count - from); j++) {
                long value = generator.next();
                if (outputs == 2) {
                    value = value << 32 | generator.next();
                }
                if ((value & low) >= threshold == above) {
                    packed |= 1 << j;
                }
            }
            mask.set(ValueLayout.JAVA_BYTE, from / 8, (byte) packed);
        }
        generator.save(state);
    }

    private long next() {
        if (used == words.length) {
            MersenneTwister.renew(words);
            used = 0;
        }
        return Integer.toUnsignedLong(MersenneTwister.temper(words[used++]));
    }

    private void save(MemorySegment state) {
        MemorySegment.copy(words, 0, state, WORD, 0, words.length);
        state.setAtIndex(WORD, words.length, used);
    }
}
