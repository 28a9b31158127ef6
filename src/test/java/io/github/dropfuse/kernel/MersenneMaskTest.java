package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MersenneTwister;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks of MT19937's numbers, of any width up to 64 bits, whose comparison is unsigned. */
class MersenneMaskTest {
    private static final int UNITS = 1003;

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.kernel.TestKernels#all")
    void comparesNumbersOfAnyWidth(Kernels kernels) {
        for (int outputs = 1; outputs <= 2; outputs++) {
            for (int bits : new int[] {1, 24, 31, 32, 33, 53, 63, 64}) {
                if (bits <= 32 * outputs) {
                    check(kernels, outputs, bits, (-1L >>> 64 - bits) / 3);
                    check(kernels, outputs, bits, 1L << bits - 1);
                    check(kernels, outputs, bits, -1L >>> 64 - bits);
                }
            }
        }
    }

    private static void check(Kernels kernels, int outputs, int bits, long threshold) {
        int[] words = new int[MersenneTwister.WORDS];
        MersenneTwister.seed(5, words);
        int[] state = Arrays.copyOf(words, words.length + 1);
        state[words.length] = words.length;
        byte[] expected = new byte[UNITS / 8 + 1];
        int used = words.length;
        for (int unit = 0; unit < UNITS; unit++) {
            long value = 0;
            for (int i = 0; i < outputs; i++) {
                if (used == words.length) {
                    MersenneTwister.renew(words);
                    used = 0;
                }
                long output = Integer.toUnsignedLong(MersenneTwister.temper(words[used++]));
                value = value << 32 | output;
            }
            if (Long.compareUnsigned(value & -1L >>> 64 - bits, threshold) >= 0) {
                expected[unit / 8] |= (byte) (1 << unit % 8);
            }
        }
        MemorySegment bytes = MemorySegment.ofArray(new byte[expected.length]).fill((byte) -1);
        kernels.mersenneMask(
                MemorySegment.ofArray(state), outputs, bits, threshold, true,
                Mask.of(bytes, UNITS));
        String what = outputs + " outputs, " + bits + " bits, " + Long.toUnsignedString(threshold);
        assertArrayEquals(expected, bytes.toArray(ValueLayout.JAVA_BYTE), what);
        assertArrayEquals(words, Arrays.copyOf(state, words.length), what);
        assertEquals(used, state[words.length], what);
    }
}
