package io.github.dropfuse.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which unit each element of a tensor belongs to, where the tensor may be any box of a larger one.
 * With every division rounding down,
 *
 * <pre>unit(e) = start + e / (run * cycle * repeat) * step + e / run % cycle</pre>
 *
 * <p>Units are runs of {@code run} elements. {@code cycle} of them are a cycle, which comes {@code
 * repeat} times: that is a block. The first units of two neighbouring blocks are {@code step}
 * apart. What these numbers cannot describe as a whole is cut into {@linkplain #parts parts} of
 * equal size, each with a layout of its own. Immutable.
 */
public final class Layout {
    private static final long[] NONE = {};

    /** A decision for each element. */
    public static final Layout ELEMENTS = new Layout(1, 1, 1, 1, 0);

    private final long run;
    private final long cycle;
    private final long repeat;
    private final long step;
    private final long start;
    private final long partSize;
    private final long[] outerExtents;
    private final long[] outerSteps;

    /** A layout of one part: see the methods of these names. */
    public Layout(long run, long cycle, long repeat, long step, long start) {
        this(run, cycle, repeat, step, start, Long.MAX_VALUE, NONE, NONE);
    }

    /** A decision for each element, the first one's being any, unsigned. */
    public static Layout elementsFrom(long start) {
        return start == 0 ? ELEMENTS : new Layout(1, 1, 1, 1, start);
    }

    private Layout(
            long run,
            long cycle,
            long repeat,
            long step,
            long start,
            long partSize,
            long[] outerExtents,
            long[] outerSteps) {
        this.run = run;
        this.cycle = cycle;
        this.repeat = repeat;
        this.step = step;
        this.start = start;
        this.partSize = partSize;
        this.outerExtents = outerExtents;
        this.outerSteps = outerSteps;
    }

    /** A dimension, or neighbours that count as one: a step of 0 shares its units. */
    private record Dimension(long extent, long step) {}

    /**
     * The layout of a tensor with elements, by dimensions.
     *
     * @param extents the tensor's extents, each at least 1
     * @param steps for each dimension the distance between the units of two neighbours along it; 0
     *     where they share their unit
     * @param start the unit of element 0, unsigned
     * @return the layout
     */
    public static Layout of(long[] extents, long[] steps, long start) {
        List<Dimension> left = merged(extents, steps);
        long run = left.isEmpty() || left.getFirst().step != 0 ? 1 : left.removeFirst().extent;
        long cycle = 1;
        long repeat = 1;
        if (left.size() > 1 && left.getFirst().step == 1) {
            cycle = left.removeFirst().extent;
            repeat = left.getFirst().step != 0 ? 1 : left.removeFirst().extent;
        }
        long blocks = left.isEmpty() ? 1 : left.getFirst().extent;
        long step = left.isEmpty() ? cycle : left.removeFirst().step;
        if (left.isEmpty()) {
            return new Layout(run, cycle, repeat, step, start);
        }
        return new Layout(
                run,
                cycle,
                repeat,
                step,
                start,
                run * cycle * repeat * blocks,
                left.stream().mapToLong(Dimension::extent).toArray(),
                left.stream().mapToLong(Dimension::step).toArray());
    }

    /** From the last dimension to the first: no extent of 1, and no two that one can stand for. */
    private static List<Dimension> merged(long[] extents, long[] steps) {
        List<Dimension> merged = new ArrayList<>();
        for (int d = extents.length - 1; d >= 0; d--) {
            if (extents[d] == 1) {
                continue;
            }
            Dimension inner = merged.isEmpty() ? null : merged.getLast();
            if (inner != null && steps[d] == inner.step * inner.extent) {
                merged.removeLast();
                merged.add(new Dimension(inner.extent * extents[d], inner.step));
            } else {
                merged.add(new Dimension(extents[d], steps[d]));
            }
        }
        return merged;
    }

    /** Elements per unit in one stretch, at least 1. */
    public long run() {
        return run;
    }

    /** Units in a cycle, at least 1. */
    public long cycle() {
        return cycle;
    }

    /** How often a cycle comes, at least 1. */
    public long repeat() {
        return repeat;
    }

    /** The distance between the first units of two neighbouring blocks, at least {@link #cycle}. */
    public long step() {
        return step;
    }

    /** The unit of element 0, unsigned. */
    public long start() {
        return start;
    }

    /** Whether the five numbers describe the tensor as a whole, without {@link #parts}. */
    public boolean isOnePart() {
        return outerExtents.length == 0;
    }

    /** The elements of a part; {@link Long#MAX_VALUE} where there is only one. */
    public long partSize() {
        return partSize;
    }

    /** The number of parts, at least 1. */
    public long parts() {
        return Arrays.stream(outerExtents).reduce(1, (a, b) -> a * b);
    }

    /** The layout of part 0 to {@code parts() - 1}, whose elements count from its own first one. */
    public Layout part(long index) {
        long unit = start;
        long rest = index;
        for (int d = 0; d < outerExtents.length; d++) {
            unit += rest % outerExtents[d] * outerSteps[d];
            rest /= outerExtents[d];
        }
        return new Layout(run, cycle, repeat, step, unit);
    }

    /** The unit of an element, an unsigned index. */
    public long unit(long element) {
        long e = element % partSize;
        long first = isOnePart() ? start : part(element / partSize).start;
        return first + e / (run * cycle * repeat) * step + e / run % cycle;
    }

    /** The numbers. */
    @Override
    public String toString() {
        return "Layout[run=" + run + ", cycle=" + cycle + ", repeat=" + repeat + ", step=" + step
                + ", start=" + Long.toUnsignedString(start) + ", parts=" + parts() + "]";
    }
}
