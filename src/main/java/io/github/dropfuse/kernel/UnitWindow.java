package io.github.dropfuse.kernel;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.MemorySegment;

/** The decisions on a stretch of units, drawn or read from a stored mask. */
final class UnitWindow {
    private static final int TILE = MaskContract.TILE;

    private final LaneDraw draw = new LaneDraw();

    /** Bit i is the decision on unit base + i; two more words may be read. */
    private final int[] bits = new int[LaneDraw.UNITS / Integer.SIZE + 2];

    private final MemorySegment bytes = MemorySegment.ofArray(bits);
    private Mask mask;
    private long base;
    private long count;

    /** Sets what decides; a threshold of 1 to 2^40 - 1, which a stored mask does not need. */
    void begin(long threshold, MaskSource source) {
        count = 0;
        if (source instanceof PhiloxState state) {
            mask = null;
            draw.begin(threshold, state);
        } else {
            mask = (Mask) source;
        }
    }

    /** Lets go of a stored mask. */
    void end() {
        mask = null;
    }

    /** Has the window hold a first unit; returns how many it holds from there up to a last one. */
    int reach(long first, long last) {
        if (Long.compareUnsigned(first - base, count) >= 0) {
            fill(first, last);
        }
        return (int) Math.min(count - (first - base), last - first + 1);
    }

    /** 32 decisions from a unit on; those past the window's end mean nothing. */
    int word(long unit) {
        int at = (int) (unit - base);
        int shift = at & 31;
        int low = bits[at >>> 5] >>> shift;
        return shift == 0 ? low : low | bits[(at >>> 5) + 1] << -shift;
    }

    private void fill(long first, long last) {
        if (mask == null) {
            int tiles = draw.draw(first >>> 9, last >>> 9, bits);
            base = first & -TILE;
            count = (long) tiles * TILE;
        } else {
            long from = first >>> 3;
            long end = Math.min(last, mask.units() - 1) >>> 3; // A cycle may go on past the mask.
            long size = Math.min(end - from + 1, LaneDraw.UNITS / 8);
            MemorySegment.copy(mask.segment(), from, bytes, 0, size);
            base = from * 8;
            count = size * 8;
        }
    }
}
