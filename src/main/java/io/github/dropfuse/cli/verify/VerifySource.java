package io.github.dropfuse.cli.verify;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import java.util.List;

/**
 * Where the decisions of a call come from.
 *
 * @param state draws them, unless they are stored
 * @param start index of the first unit; in a stored mask, its bit
 * @param units how many decisions there are
 * @param stored whether a stored mask holds them
 */
record VerifySource(PhiloxState state, long start, long units, boolean stored) {
    /** Drawn, or at times stored. */
    static VerifySource random(VerifyRandom random, long units) {
        boolean stored = random.oneIn(4);
        return new VerifySource(
                random.state(), stored ? random.below(100) : random.start(units), units, stored);
    }

    static VerifySource drawn(VerifyRandom random, long units) {
        return new VerifySource(random.state(), random.start(units), units, false);
    }

    MaskSource of(VerifyMemory memory) {
        return memory.source(state, start + units);
    }

    /** The first unit of an entry, where all entries have equally many. */
    long first(long row, long rows) {
        return start + (rows == 0 ? 0 : row * (units / rows));
    }

    void addTo(List<VerifyOperand> operands) {
        if (stored) {
            operands.add(VerifyOperand.mask(start + units));
        }
    }

    @Override
    public String toString() {
        return stored
                ? "stored mask from " + start
                : "seed=" + state.seed() + " offset=" + state.offset() + " start="
                        + Long.toUnsignedString(start);
    }
}
