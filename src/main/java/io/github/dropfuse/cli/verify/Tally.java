package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.Box;
import java.util.concurrent.atomic.LongAdder;

/** How much of a backend was compared with the reference. */
final class Tally {
    private final LongAdder calls = new LongAdder();
    private final LongAdder decisions = new LongAdder();
    private final LongAdder elements = new LongAdder();

    void addCall() {
        calls.increment();
    }

    /** Notes that a part of a slot was equal: the bits of a mask, or elements. */
    void add(Slot slot, Box part) {
        if (slot.use() != Slot.Use.READ) {
            decisions.add(slot.units());
            elements.add(slot.dtype() == null ? 0 : part.size());
        }
    }

    /** Bits of packed masks. */
    long decisions() {
        return decisions.sum();
    }

    @Override
    public String toString() {
        return calls + " calls, " + decisions + " decisions, " + elements + " elements";
    }
}
