package io.github.dropfuse.layer;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.Arena;

/** Draws masks by the mask contract. */
public final class Masks {
    private Masks() {}

    /**
     * Draws into a mask, on the automatic backend.
     *
     * @param mask receives the decisions of its units
     * @param p probability that a unit is dropped, 0 to 1
     * @param state what decides
     * @param start index of the mask's first unit, unsigned
     * @throws IllegalArgumentException if p is not in [0, 1], the mask is read-only, or units pass
     *     index 2^64 - 1
     */
    public static void draw(Mask mask, double p, PhiloxState state, long start) {
        draw(mask, p, state, start, Execution.automatic());
    }

    /**
     * Draws into a mask.
     *
     * @param mask receives the decisions of its units
     * @param p probability that a unit is dropped, 0 to 1
     * @param state what decides
     * @param start index of the mask's first unit, unsigned
     * @param execution where to draw
     * @throws IllegalArgumentException if p is not in [0, 1], the mask is read-only or out of the
     *     execution's reach, or units pass index 2^64 - 1
     */
    public static void draw(
            Mask mask, double p, PhiloxState state, long start, Execution execution) {
        Checks.probability(p);
        Checks.unitRange(start, mask.units());
        Checks.writable("mask", mask.address());
        Checks.accessible(mask.address());
        Checks.placed(execution.at(mask.location()).kernels(), "mask", mask.location());
        UnitCalls.mask(execution, mask, p, state, start);
    }

    /**
     * A mask that the host can read: the same, or a copy, which is waited for. Pinned memory is
     * copied too, after what a device was asked to write there.
     */
    static Mask near(Arena arena, Mask mask) {
        if (mask.location() == Location.HOST) {
            return mask;
        }
        Mask copy = Mask.allocate(arena, mask.units());
        copy.copyFrom(mask);
        return copy;
    }
}
