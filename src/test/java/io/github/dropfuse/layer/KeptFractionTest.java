package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fraction of kept units, for p from 2^-30 to 1 - 2^-30, so that an error of 0.1 % of p shows.
 *
 * <p>Counting does it down to p = 1/256: with n units the dropped fraction has a standard deviation
 * of sqrt(p (1 - p) / n), and n is chosen so that 0.1 % of p is 5 of them. At 2^-30 that would take
 * 10^16 units. But a decision is a comparison of 40 random bits with a threshold T, 8 bits for all
 * units and 32 more for one in 256, so what counting cannot reach is reached in two steps. The two
 * draws are uniform, tested here over their own values. And the comparison is exact to the last of
 * the 40 bits: Philox is inverted for the units whose 40 bits are T - 1, which must be kept, and T,
 * which must be dropped. 2^-40 is 0.1 % of 2^-30.
 */
@Tag("long")
class KeptFractionTest {
    private static final double ONE = 0x1p40;

    static DoubleStream counted() {
        return DoubleStream.of(
                1.0 / 256, 0.01, 0.03, 0.1, 0.17, 0.25, 0.37, 0.5, 0.75, 0.9, 0.99, 0.999,
                255.0 / 256, 1 - 0x1p-12, 1 - 0x1p-20, 1 - 0x1p-30);
    }

    static DoubleStream all() {
        DoubleStream small = DoubleStream.iterate(0x1p-30, p -> p < 1, p -> p * 2);
        DoubleStream large = DoubleStream.iterate(0x1p-30, p -> p < 1, p -> p * 2).map(p -> 1 - p);
        DoubleStream middle = DoubleStream.of(1e-9, 3e-8, 1e-6, 1e-4, 0.001, 0.01);
        return DoubleStream.concat(
                counted(), DoubleStream.concat(middle, DoubleStream.concat(small, large)));
    }

    @ParameterizedTest
    @MethodSource("counted")
    void counts(double p) {
        double deviations = 5;
        long units = (long) (deviations * deviations * (1 - p) / p * 1e6) + (1 << 20);
        units = Math.min(units, limit());
        long seed = Double.doubleToLongBits(p);
        assertTrue(Statistics.twoSided(units, kept(units, p, seed), 1 - p) > Statistics.LEAST);
    }

    /** Counting at small p shows at least whether anything is dropped at all, and how much. */
    @Test
    void countsAtSmallProbabilities() {
        long units = limit() / 4;
        for (double p = 0x1p-24; p < 0.004; p *= 4) {
            long seed = Double.doubleToLongBits(p);
            long kept = kept(units, p, seed);
            assertTrue(
                    Statistics.twoSided(units, units - kept, p) > Statistics.LEAST, "p = " + p);
        }
    }

    /** The 256 values of the first draw are equally likely: differences of kept counts. */
    @Test
    void firstDrawsAreUniform() {
        long units = Math.min(1 << 22, limit() >> 9);
        long[] counts = new long[256];
        double[] expected = new double[256];
        long below = 0;
        for (int value = 0; value < 256; value++) {
            long upTo = value == 255 ? units : kept(units, 1 - (value + 1) / 256.0, 3);
            counts[value] = upTo - below;
            expected[value] = units / 256.0;
            below = upTo;
        }
        assertTrue(Statistics.chiSquare(counts, expected) > Statistics.LEAST);
    }

    /** Of units whose first draw is 255, the second draw decides: its upper 4 bits are uniform. */
    @Test
    void secondDrawsAreUniform() {
        long units = Math.min(1 << 24, limit() >> 7);
        long[] counts = new long[16];
        double[] expected = new double[16];
        long first = kept(units, 1.0 / 256, 4);
        long below = first;
        for (int value = 0; value < 16; value++) {
            long upTo = value == 15 ? units : kept(units, (15 - value) / 4096.0, 4);
            counts[value] = upTo - below;
            expected[value] = (units - first) / 16.0;
            below = upTo;
        }
        assertTrue(Statistics.chiSquare(counts, expected) > Statistics.LEAST);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theThresholdIsExact(double p) {
        long threshold = (long) Math.rint((1 - p) * ONE);
        assertEquals((1 - p) * ONE, threshold, 0.5);
        SplittableRandom random = new SplittableRandom(Double.doubleToLongBits(p));
        for (int i = 0; i < 3; i++) {
            Drawn highestKept = unitThatDraws(threshold - 1, random);
            Drawn lowestDropped = unitThatDraws(threshold, random);
            for (Backend backend : Backends.all()) {
                assertTrue(keeps(backend, p, highestKept), backend + " drops " + highestKept);
                assertFalse(keeps(backend, p, lowestDropped), backend + " keeps " + lowestDropped);
            }
        }
    }

    /** A unit and the state that draws for it. */
    private record Drawn(PhiloxState state, long unit) {}

    /**
     * Finds a unit whose 8 and 32 bits are these 40: the second draw's block is made of the 32 bits
     * and random words and inverted to its counter; one in 8 is a counter of a second draw, and one
     * in 256 of those has the right first draw.
     */
    private static Drawn unitThatDraws(long bits, SplittableRandom random) {
        while (true) {
            long seed = random.nextLong();
            int place = random.nextInt(4);
            int[] words = random.ints(4).toArray();
            words[place] = (int) bits;
            int[] counter =
                    Oracle.inversePhilox(words, new int[] {(int) seed, (int) (seed >>> 32)});
            if (counter[3] >= 0 || counter[1] >>> 30 != 0) {
                continue;
            }
            long unit = joined(counter[0], counter[1]) << 2 | place;
            long offset = joined(counter[2], counter[3] & 0x7FFFFFFF);
            if (Oracle.firstDraw(seed, offset, unit) == bits >>> 32) {
                return new Drawn(new PhiloxState(seed, offset), unit);
            }
        }
    }

    private static long joined(int low, int high) {
        return Integer.toUnsignedLong(low) | (long) high << 32;
    }

    private static boolean keeps(Backend backend, double p, Drawn drawn) {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Mask.allocate(arena, 1);
            Masks.draw(mask, p, drawn.state(), drawn.unit(), Execution.automatic().on(backend));
            return mask.keeps(0);
        }
    }

    /** A size that an error of 0.1 % shows at down to p = 1/256, where the backend is fast. */
    private static long limit() {
        return Backends.automatic().name().equals("reference") ? 1L << 27 : 1L << 33;
    }

    /** Kept units among the first ones, counted in pieces. */
    private static long kept(long units, double p, long seed) {
        long kept = 0;
        long piece = 1L << 28;
        try (Arena arena = Arena.ofShared()) {
            Mask mask = Mask.allocate(arena, Math.min(piece, units));
            for (long from = 0; from < units; from += piece) {
                long count = Math.min(piece, units - from);
                Mask part = Mask.of(mask.segment().asSlice(0, (count + 7) / 8), count);
                Masks.draw(part, p, new PhiloxState(seed, 1), from);
                kept += part.kept();
            }
        }
        return kept;
    }
}
