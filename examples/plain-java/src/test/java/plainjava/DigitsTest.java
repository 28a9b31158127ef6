package plainjava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class DigitsTest {
    @Test
    void loadsAllDigits() {
        try (Arena arena = Arena.ofConfined()) {
            Digits digits = Digits.load(arena);
            int[] counts = new int[Digits.CLASSES];
            for (int label : digits.labels()) {
                counts[label]++;
            }
            assertArrayEquals(
                    new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, counts);
            // the upper edge of the first image, a zero
            float[] edge = {0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0};
            for (int i = 0; i < edge.length; i++) {
                assertEquals(edge[i], digits.images().get(i));
            }
        }
    }
}
