package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Mask;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** The statistics find the faults that they are there for, planted into random numbers. */
class StatisticsTest {
    private static final int UNITS = 1 << 20;

    @Test
    void goodMasksPass() {
        SplittableRandom random = new SplittableRandom(1);
        Mask a = mask(i -> random.nextBoolean());
        Mask b = mask(i -> random.nextBoolean());
        assertTrue(Statistics.patterns(a, 4, 0.5) > 1e-3);
        assertTrue(Statistics.patterns(a, 8, 0.5) > 1e-3);
        assertTrue(Statistics.agreement(a, b, 0, 0.5) > 1e-3);
        assertTrue(Statistics.agreement(a, b, -64, 0.5) > 1e-3);
    }

    @Test
    void findsOneNumberSharedByFourNeighboursNowAndThen() {
        SplittableRandom random = new SplittableRandom(2);
        boolean[] group = new boolean[4];
        Mask mask =
                mask(
                        i -> {
                            if (i % 4 == 0) {
                                boolean shared = random.nextInt(100) == 0;
                                for (int j = 0; j < 4; j++) {
                                    group[j] = j > 0 && shared ? group[0] : random.nextBoolean();
                                }
                            }
                            return group[i % 4];
                        });
        assertTrue(Statistics.patterns(mask, 4, 0.5) < Statistics.LEAST);
        assertTrue(Statistics.patterns(mask, 8, 0.5) < Statistics.LEAST);
    }

    @Test
    void findsElementsThatRepeatInTheNextCall() {
        SplittableRandom random = new SplittableRandom(3);
        Mask a = mask(i -> random.nextBoolean());
        Mask b = mask(i -> i % 8 < 4 && i % 512 < 16 ? a.keeps(i + 4) : random.nextBoolean());
        assertTrue(Statistics.agreement(a, b, -4, 0.5) < Statistics.LEAST / 1000);
        assertTrue(Statistics.agreement(b, a, 4, 0.5) < Statistics.LEAST / 1000);
        assertTrue(Statistics.agreement(a, b, 4, 0.5) > Statistics.LEAST);
    }

    @Test
    void agreementCountsEveryUnit() {
        SplittableRandom random = new SplittableRandom(4);
        Mask a = mask(i -> random.nextInt(10) > 0);
        Mask b = mask(i -> random.nextInt(10) > 0);
        for (int lag : new int[] {-64, -63, -1, 0, 1, 37, 64}) {
            long units = ((UNITS - Math.abs(lag)) / 64 - 1) * 64;
            long agreeing = 0;
            for (int i = 0; i < units; i++) {
                int left = lag < 0 ? i - lag : i;
                int right = lag < 0 ? i : i + lag;
                agreeing += a.keeps(left) == b.keeps(right) ? 1 : 0;
            }
            double expected = Statistics.twoSided(units, agreeing, 0.1 * 0.1 + 0.9 * 0.9);
            assertEquals(expected, Statistics.agreement(a, b, lag, 0.1), "lag " + lag);
        }
    }

    private static Mask mask(IntPredicate kept) {
        Mask mask = Mask.allocate(Arena.ofAuto(), UNITS);
        for (int i = 0; i < UNITS; i++) {
            mask.set(i, kept.test(i));
        }
        return mask;
    }
}
