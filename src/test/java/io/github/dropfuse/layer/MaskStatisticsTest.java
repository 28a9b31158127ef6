package io.github.dropfuse.layer;

import static io.github.dropfuse.layer.Statistics.LEAST;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Masks are as random as they should be. Bounds: a test of n figures allows each a probability of
 * 10^-6 / n, two-sided (Bonferroni), so a true random source fails one test in a million.
 */
@Tag("long")
class MaskStatisticsTest {
    private static final int TILE = 512;
    private static final int TILES = 1 << 15;
    private static final int UNITS = TILE * TILES;
    private static final int LAGS = 64;

    /** p, seed, offset, start: also units beyond 2^32 and 2^44, and offsets near 2^63. */
    @ParameterizedTest
    @CsvSource({
        "0.5, 1, 0, 0",
        "0.1, 2, 1, 0",
        "0.9, -3, 12345, 4294967040",
        "0.3, 4, 9223372036854775807, 17592186044416",
        "0.5, 5, 9223372036854775806, -16777216",
        "0.00390625, 6, 4294967296, 281474976710656"
    })
    void groupsOfNeighboursAndPositionsInTheTile(double p, long seed, long offset, long start) {
        try (Arena arena = Arena.ofShared()) {
            Mask mask = draw(arena, UNITS, p, seed, offset, start);
            assertLikely(Statistics.patterns(mask, 4, p), 1, "patterns of 4");
            if (UNITS / 8.0 * Math.pow(Math.min(p, 1 - p), 8) > 5) {
                assertLikely(Statistics.patterns(mask, 8, p), 1, "patterns of 8");
            }
            assertLikely(Statistics.twoSided(UNITS, mask.kept(), 1 - p), 1, "kept");
            long[] kept = new long[TILE];
            for (int i = 0; i < UNITS; i++) {
                kept[i % TILE] += mask.keeps(i) ? 1 : 0;
            }
            for (int e = 0; e < TILE; e++) {
                assertLikely(
                        Statistics.twoSided(TILES, kept[e], 1 - p), TILE, "position " + e);
            }
        }
    }

    /** A call against the next calls, against neighbouring seeds, and against itself shifted. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.1})
    void neighbouringCallsAndSeedsAreIndependent(double p) {
        long offset = 1L << 33;
        long seed = 77;
        try (Arena arena = Arena.ofShared()) {
            Mask mask = draw(arena, UNITS, p, seed, offset, 0);
            Object[][] others = {
                {"next call", seed, offset + 1},
                {"call after that", seed, offset + 2},
                {"call 2^32 on", seed, offset + (1L << 32)},
                {"next seed", seed + 1, offset},
                {"seed 2^32 on", seed + (1L << 32), offset},
                {"seed with its top bit", seed ^ Long.MIN_VALUE, offset}
            };
            int figures = others.length * (2 * LAGS + 1);
            for (Object[] other : others) {
                Mask second = draw(arena, UNITS, p, (long) other[1], (long) other[2], 0);
                for (int lag = -LAGS; lag <= LAGS; lag++) {
                    assertLikely(
                            Statistics.agreement(mask, second, lag, p), figures,
                            other[0] + " at lag " + lag);
                }
            }
            for (int lag = 1; lag <= LAGS; lag++) {
                assertLikely(Statistics.agreement(mask, mask, lag, p), LAGS, "itself at " + lag);
            }
        }
    }

    /** Small tensors over many calls, one after the other: where offsets advance by one a call. */
    @ParameterizedTest
    @ValueSource(ints = {8, 16, 64, 512})
    void smallTensorsOfManyCallsAreIndependent(int units) {
        int calls = 1 << 15;
        try (Arena arena = Arena.ofShared()) {
            Mask these = Mask.allocate(arena, (long) calls * units);
            Mask next = Mask.allocate(arena, (long) calls * units);
            long bytes = units / 8;
            Execution sequential = Execution.automatic().sequential();
            for (int call = 0; call < calls; call++) {
                MemorySegment slot = these.segment().asSlice(call * bytes, bytes);
                Masks.draw(Mask.of(slot, units), 0.5, new PhiloxState(9, call), 0, sequential);
            }
            MemorySegment.copy(
                    these.segment(), bytes, next.segment(), 0, (calls - 1) * bytes);
            PhiloxState last = new PhiloxState(9, calls);
            MemorySegment slot = next.segment().asSlice((calls - 1) * bytes, bytes);
            Masks.draw(Mask.of(slot, units), 0.5, last, 0, sequential);
            assertLikely(Statistics.patterns(these, 8, 0.5), 1, "patterns of 8");
            for (int lag = -LAGS; lag <= LAGS; lag++) {
                if (lag == -units) {
                    continue; // the same call twice
                }
                assertLikely(
                        Statistics.agreement(these, next, lag, 0.5), 2 * LAGS + 1, "lag " + lag);
            }
        }
    }

    private static Mask draw(
            Arena arena, long units, double p, long seed, long offset, long start) {
        Mask mask = Mask.allocate(arena, units);
        Masks.draw(mask, p, new PhiloxState(seed, offset), start);
        return mask;
    }

    private static void assertLikely(double probability, int figures, String what) {
        assertTrue(
                probability > LEAST / figures,
                () -> what + " has probability " + probability + " of " + figures + " figures");
    }
}
