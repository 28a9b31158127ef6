package io.github.dropfuse.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongPredicate;

/** The elements of a call in order, as stretches of neighbours that belong to one unit. */
final class Stretches {
    private Stretches() {}

    /** Takes elements [from, to), which are kept or dropped. */
    @FunctionalInterface
    interface Body {
        void take(boolean kept, long from, long to);
    }

    /** Arguments as in {@link Kernels#drop}. */
    static void each(
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            Body body) {
        LongPredicate keeps = decisions(mask, p, seed, offset);
        for (long e = first; e < first + count; ) {
            long unit = start + e / (run * cycle * repeat) * cycle + e / run % cycle;
            long end = Math.min(e - e % run + run, first + count);
            body.take(keeps.test(unit), e, end);
            e = end;
        }
    }

    private static LongPredicate decisions(MemorySegment mask, double p, long seed, long offset) {
        if (mask.equals(MemorySegment.NULL)) {
            return new MaskContract(p, seed, offset)::keeps;
        }
        return unit -> (mask.get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1) != 0;
    }
}
