package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.layer.LayerOptions;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * The drawing of packed bits.
 *
 * @param p probability that a unit is dropped
 * @param state what decides
 * @param start index of the first unit
 * @param units how many there are
 */
record MaskCall(double p, PhiloxState state, long start, long units) implements Call {
    private static final long MOST_OF_REFERENCE = 1 << 20;
    private static final double LEAST_P = 0x1p-40;

    static Call random(RandomDraws random) {
        long units = random.isDeep() ? random.stretch() : Shapes.product(random.shape(2));
        double p = random.value(LayerOptions.P);
        while (random.isDeep() && (p < LEAST_P || p > 1 - LEAST_P)) {
            p = random.value(LayerOptions.P); // Only what has to be drawn counts as decided.
        }
        return new MaskCall(p, random.state(), random.start(units, units), units);
    }

    @Override
    public List<Slot> slots() {
        return List.of(Slot.bits("bits", Slot.Use.WRITTEN, units));
    }

    @Override
    public long[] shape() {
        return new long[] {units};
    }

    @Override
    public int cuts() {
        return 0;
    }

    @Override
    public boolean takesModes() {
        return false;
    }

    /** The reference's time is all there is in a long mask: it is drawn once. */
    @Override
    public boolean isForOthers() {
        return units > MOST_OF_REFERENCE;
    }

    @Override
    public void run(Memory memory, Box part, Setting setting) {
        Staging staging = setting.staging();
        try (Arena arena = Arena.ofShared()) {
            Mask bits = Mask.of(memory.segment("bits"), units);
            Mask there = staging.isDevice() ? staging.allocateMask(arena, units) : bits;
            Masks.draw(there, p, state, start, staging.execution());
            if (there != bits) {
                bits.copyFrom(there);
            }
        }
    }

    @Override
    public String toString() {
        return "p=" + p + " seed=" + state.seed() + " offset=" + state.offset() + " start="
                + Long.toUnsignedString(start) + " units=" + units;
    }
}
