package io.github.dropfuse.layer;

import io.github.dropfuse.Philox;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Chooses a fixed number of units without replacement: those with the smallest 32-bit draws, ties
 * by index. A unit's draw is the one that the mask contract makes where 8 bits do not decide.
 */
final class FixedChoice {
    private static final long SECOND_DRAW = 1L << 63;

    /** So many units' draws are stored; more are drawn again in each pass. */
    private static final int STORED = 1 << 16;

    private final int n;
    private final int kept;
    private final PhiloxState state;
    private final int[] words = new int[4];
    private final int[] stored;

    /** Bits of the digits by which draws are sorted: few for few units. */
    private final int digit;

    private final int[] counts;

    /** Chooses some of each n units. */
    FixedChoice(int n, int kept, PhiloxState state) {
        this.n = n;
        this.kept = kept;
        this.state = state;
        this.stored = n <= STORED ? new int[n] : null;
        this.digit = n < 256 ? 4 : 8;
        this.counts = new int[1 << digit];
    }

    /** How many of n units to keep: nearest to the expected number, at least 1 if p is below 1. */
    static int count(int n, double p) {
        int nearest = (int) Math.rint(n * (1.0 - p));
        return p < 1 ? Math.min(n, Math.max(1, nearest)) : 0;
    }

    /**
     * Writes the kept ones of n units in ascending order.
     *
     * @param start the first unit
     * @param indices receives 64-bit numbers
     * @param at which of them is the first
     * @param base what the first unit is written as
     */
    void write(long start, MemorySegment indices, long at, long base) {
        if (kept == 0) {
            return;
        }
        for (int j = 0; stored != null && j < n; j++) {
            stored[j] = (int) drawn(start, j);
        }
        long greatest = 0;
        int ofGreatest = kept;
        int shift = Integer.SIZE;
        int next;
        do {
            shift -= digit;
            count(start, greatest, shift);
            for (next = 0; ofGreatest > counts[next]; next++) {
                ofGreatest -= counts[next];
            }
            greatest = greatest << digit | next;
        } while (shift > 0 && ofGreatest < counts[next]);
        long written = at;
        for (int j = 0; j < n; j++) {
            long draw = draw(start, j) >>> shift;
            if (draw < greatest || draw == greatest && ofGreatest-- > 0) {
                indices.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, written++, base + j);
            }
        }
    }

    /** Counts by their next digit the draws that begin with some digits. */
    private void count(long start, long digits, int shift) {
        Arrays.fill(counts, 0);
        for (int j = 0; j < n; j++) {
            long draw = draw(start, j);
            if (draw >>> shift + digit == digits) {
                counts[(int) (draw >>> shift) & counts.length - 1]++;
            }
        }
    }

    private long draw(long start, int j) {
        return stored != null ? Integer.toUnsignedLong(stored[j]) : drawn(start, j);
    }

    /** A unit's draw; units are asked for one after the other. */
    private long drawn(long start, int j) {
        long unit = start + j;
        if (j == 0 || (unit & 3) == 0) {
            Philox.block(unit >>> 2, state.offset() | SECOND_DRAW, state.seed(), words);
        }
        return Integer.toUnsignedLong(words[(int) (unit & 3)]);
    }
}
