package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.PhiloxAnswers;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PhiloxTest {
    @ParameterizedTest
    @MethodSource("answers")
    void givesItsKnownAnswers(PhiloxAnswers.Answer answer) {
        assertArrayEquals(answer.output(), block(answer.counter(), answer.key()));
    }

    @Test
    void equalsTheOracleOnAnyCounterAndKey() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 1000; i++) {
            int[] counter = random.ints(4).toArray();
            int[] key = random.ints(2).toArray();
            assertArrayEquals(Oracle.philox(counter, key), block(counter, key));
        }
    }

    @Test
    void refusesFewerThanFourWords() {
        int[] words = new int[3];
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> Philox.block(0, 0, 0, words));
        assertEquals("words has 3 elements, allowed are 4 and more", e.getMessage());
        assertArrayEquals(new int[3], words);
    }

    static List<PhiloxAnswers.Answer> answers() {
        return PhiloxAnswers.all();
    }

    private static int[] block(int[] counter, int[] key) {
        int[] words = new int[4];
        Philox.block(
                joined(counter[0], counter[1]), joined(counter[2], counter[3]),
                joined(key[0], key[1]), words);
        return words;
    }

    private static long joined(int low, int high) {
        return Integer.toUnsignedLong(low) | (long) high << 32;
    }
}
