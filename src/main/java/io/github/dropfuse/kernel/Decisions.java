package io.github.dropfuse.kernel;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import java.util.function.LongPredicate;

/** What is decided on units, and on elements as stretches of neighbours that share a unit. */
final class Decisions {
    private Decisions() {}

    /** Takes elements [from, to), which are kept or dropped. */
    @FunctionalInterface
    interface Stretch {
        void take(boolean kept, long from, long to);
    }

    /** Whether a unit is kept. */
    static LongPredicate of(double p, MaskSource source) {
        return source instanceof Mask mask
                ? mask::keeps
                : new MaskContract(p, (PhiloxState) source)::keeps;
    }

    /** Gives the stretches of some elements in order. */
    static void each(
            double p, MaskSource source, Layout layout, long first, long count, Stretch stretch) {
        LongPredicate keeps = of(p, source);
        long end = first + count;
        for (long from = first, to; from < end; from = to) {
            to = Math.min(from - from % layout.run() + layout.run(), end);
            stretch.take(keeps.test(layout.unit(from)), from, to);
        }
    }
}
