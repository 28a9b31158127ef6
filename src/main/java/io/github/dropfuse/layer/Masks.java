package io.github.dropfuse.layer;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

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
        Objects.requireNonNull(mask, "mask");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(execution, "execution");
        Checks.probability(p);
        Checks.unitRange(start, mask.units());
        Checks.writable("mask", mask.address());
        Checks.accessible(mask.address());
        Execution here = execution.at(mask.location());
        Checks.placed(here.kernels(), "mask", mask.location());
        KernelCalls.mask(here, p, state, Layout.elementsFrom(start), mask);
    }

    /** A new mask where kernels compute. */
    static Mask allocate(Arena arena, Place place, long units) {
        place.check();
        String name = "the arena's memory";
        MemorySegment memory =
                Objects.requireNonNull(place.allocate(arena, bytes(units)), name);
        Checks.writable(name, memory);
        return Mask.at(place.location(), memory, units);
    }

    /** The same for the time of a call, in the order of the call's stream. */
    static Mask scratch(Arena arena, Place place, long units) {
        return Mask.at(place.location(), place.scratch(arena, bytes(units)), units);
    }

    /** A mask that the host made, in memory that lives as long as the arena where kernels compute. */
    static Mask kept(Arena arena, Place place, Mask host) {
        if (place.location().isHost()) {
            return host;
        }
        Mask mask = allocate(arena, place, host.units());
        place.copy(host, mask);
        return mask;
    }

    /** What the host made, where kernels can read it for the time of a call. */
    static Mask readable(Arena arena, Place place, Mask host) {
        MemorySegment memory = place.readable(arena, host.segment());
        return memory == host.segment() ? host : Mask.at(place.location(), memory, host.units());
    }

    /**
     * Draws what a gradient is multiplied by: {@code factors[e] = keep(start + e) ? scale : +0}, for
     * libraries that know products only. No input is read.
     *
     * @param factors receives a factor for each unit, in host memory
     * @param p probability that a unit is dropped, 0 to 1
     * @param scale factor of kept units, rounded to the compute type and from there to the tensor's
     * @param state what decides
     * @param start index of the first unit, unsigned
     * @param execution on which threads
     * @throws IllegalArgumentException if p is not in [0, 1], the factors are read-only or out of the
     *     host's reach, or units pass index 2^64 - 1
     */
    public static void factors(
            Tensor factors,
            double p,
            double scale,
            PhiloxState state,
            long start,
            Execution execution) {
        Objects.requireNonNull(factors, "factors");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(execution, "execution");
        Checks.probability(p);
        Checks.unitRange(start, factors.size());
        Checks.writable("factors", factors.address());
        Checks.accessible(factors.address());
        if (!factors.location().isHost()) {
            throw new IllegalArgumentException(
                    "factors is in " + factors.location() + ", allowed is host memory");
        }
        Factors.draw(execution.onHost(), factors, Effect.drop(p, scale), state, start);
    }

    /**
     * A mask that the host can read: the same, or a copy in the order of a place's stream, which is
     * waited for. Pinned memory is copied too, after what a device was asked to write there.
     */
    static Mask onHost(Arena arena, Place place, Mask mask) {
        if (mask.location() == Location.HOST) {
            return mask;
        }
        Mask copy = Mask.allocate(arena, mask.units());
        place.copy(mask, copy);
        return copy;
    }

    private static long bytes(long units) {
        return units / 8 + (units % 8 == 0 ? 0 : 1);
    }
}
