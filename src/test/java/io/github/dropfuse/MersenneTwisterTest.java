package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MersenneTwisterTest {
    /** The C++ standard's own check of mt19937: its 10,000th output. */
    @Test
    void givesTheStandardsAnswer() {
        int[] words = new int[MersenneTwister.WORDS];
        MersenneTwister.seed(5489, words);
        int output = 0;
        for (int n = 0; n < 10_000; n++) {
            int at = n % MersenneTwister.WORDS;
            if (at == 0) {
                MersenneTwister.renew(words);
            }
            output = MersenneTwister.temper(words[at]);
        }
        assertEquals(4123659995L, Integer.toUnsignedLong(output));
    }

    @Test
    void refusesShortStates() {
        int[] words = new int[MersenneTwister.WORDS - 1];
        String message = "words has 623 elements, allowed are 624 and more";
        for (Executable call :
                List.<Executable>of(
                        () -> MersenneTwister.seed(1, words), () -> MersenneTwister.renew(words))) {
            assertEquals(
                    message, assertThrows(IllegalArgumentException.class, call).getMessage());
        }
        assertArrayEquals(new int[words.length], words);
    }

    @Test
    void usesTheLow32BitsOfASeed() {
        TorchState low = TorchGenerator.seeded(42).state();
        assertEquals(low, TorchGenerator.seeded(42 + (7L << 32)).state());
        assertEquals(low.hashCode(), TorchGenerator.seeded(42 + (7L << 32)).state().hashCode());
        assertEquals(
                TorchGenerator.seeded(-1).state(), TorchGenerator.seeded(0xFFFFFFFFL).state());
        assertNotEquals(low, TorchGenerator.seeded(43).state());
    }

    @Test
    void advancesInAnySteps() {
        for (long total : new long[] {0, 1, 623, 624, 625, 1248, 1249, 10_000}) {
            TorchGenerator once = TorchGenerator.seeded(3);
            once.advance(total);
            TorchGenerator twice = TorchGenerator.seeded(3);
            twice.advance(total / 3);
            twice.advance(total - total / 3);
            assertEquals(once.state(), twice.state(), "after " + total);
        }
    }

    @Test
    void isSavedAndRestored() {
        TorchGenerator generator = TorchGenerator.seeded(9);
        generator.advance(1000);
        TorchState saved = generator.state();
        TorchState copy = TorchState.of(saved.words(), saved.used());
        generator.advance(5);
        assertNotEquals(saved, generator.state());
        generator.restore(copy);
        assertEquals(saved, generator.state());
        assertEquals(saved, TorchGenerator.from(copy).state());
    }

    @Test
    void refusesWhatIsNoState() {
        int[] words = new int[624];
        message("words has 623 elements, allowed are 624", () -> TorchState.of(new int[623], 0));
        message("used is -1, allowed are 0 to 624", () -> TorchState.of(words, -1));
        message("used is 625, allowed are 0 to 624", () -> TorchState.of(words, 625));
        message(
                "outputs is -1, allowed are 0 to 2^63 - 1",
                () -> TorchGenerator.seeded(0).advance(-1));
    }

    private static void message(String expected, org.junit.jupiter.api.function.Executable call) {
        assertEquals(
                expected, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
