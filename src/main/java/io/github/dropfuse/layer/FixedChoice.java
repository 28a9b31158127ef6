package io.github.dropfuse.layer;

import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;
import java.util.Arrays;

/**
 * Chooses a fixed number of units without replacement: those with the smallest 32-bit draws, ties by
 * index. A unit's draw is the one that the mask contract makes where 8 bits do not decide.
 */
final class FixedChoice {
    private static final long SECOND_DRAW = 1L << 63;

    private FixedChoice() {}

    /** How many of n units to keep: the nearest to their expected number, but one if p is below 1. */
    static int count(int n, double p) {
        int nearest = (int) Math.rint(n * (1.0 - p));
        return p < 1 ? Math.min(n, Math.max(1, nearest)) : 0;
    }

    /** The kept ones of n units from the given one on, in ascending order and counted from it. */
    static int[] of(int n, int kept, PhiloxState state, long start) {
        int[] words = new int[4];
        long[] drawn = new long[n];
        for (int j = 0; j < n; j++) {
            long unit = start + j;
            if (j == 0 || (unit & 3) == 0) {
                Philox.block(unit >>> 2, state.offset() | SECOND_DRAW, state.seed(), words);
            }
            drawn[j] = Integer.toUnsignedLong(words[(int) (unit & 3)]) << 31 | j;
        }
        if (kept < n) {
            Arrays.sort(drawn);
        }
        int[] chosen = new int[kept];
        Arrays.setAll(chosen, j -> (int) (drawn[j] & Integer.MAX_VALUE));
        Arrays.sort(chosen);
        return chosen;
    }
}
