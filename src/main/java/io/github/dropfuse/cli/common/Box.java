package io.github.dropfuse.cli.common;

import io.github.dropfuse.Shard;
import io.github.dropfuse.layer.Operand;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A part of a tensor.
 *
 * @param from where it begins
 * @param shape its extents
 */
public record Box(long[] from, long[] shape) {
    /** All of a tensor, or what has such extents at its beginning. */
    public static Box of(long[] shape) {
        return new Box(new long[shape.length], shape);
    }

    /**
     * The parts of a tensor, one after the other as they lie in memory. One without elements has one
     * part, however many entries it has.
     *
     * @param whole the tensor's shape
     * @param depth how many of the first dimensions may be cut
     * @param elements how many elements a part has about, at least 1
     */
    public static Iterable<Box> parts(long[] whole, int depth, long elements) {
        long size = Shapes.product(whole);
        if (size == 0 || depth == 0) {
            return Stream.of(of(whole))::iterator;
        }
        int cut = 0;
        long entry = size / whole[0];
        while (cut < depth - 1 && (entry > elements || whole[cut] == 1)) {
            cut++;
            entry /= whole[cut];
        }
        long step = Math.max(1, elements / entry);
        int last = cut;
        Box first = cut(new long[whole.length], whole, last, step);
        return Stream.iterate(first, Objects::nonNull, box -> box.next(whole, last, step))::iterator;
    }

    private static Box cut(long[] from, long[] whole, int last, long step) {
        long[] shape = whole.clone();
        for (int d = 0; d <= last; d++) {
            shape[d] = d < last ? 1 : Math.min(step, whole[d] - from[d]);
        }
        return new Box(from, shape);
    }

    private Box next(long[] whole, int last, long step) {
        long[] next = from.clone();
        for (int d = last; d >= 0; d--) {
            next[d] += shape[d];
            if (next[d] < whole[d]) {
                return cut(next, whole, last, step);
            }
            next[d] = 0;
        }
        return null;
    }

    /**
     * Where this part of a tensor lies in a larger one.
     *
     * @param larger where the tensor lies in the larger one, and the latter's shape; null for none
     * @param start index of the tensor's first entry, where there is no larger one
     * @param whole the tensor's shape
     */
    public Shard shard(Box larger, long start, long[] whole) {
        if (larger != null) {
            long[] first = from.clone();
            Arrays.setAll(first, d -> larger.from[d] + from[d]);
            return Shard.of(larger.shape, first);
        }
        return start != 0 || Arrays.equals(shape, whole)
                ? Shard.startingAt(start + (from.length == 0 ? 0 : from[0]))
                : Shard.of(whole, from);
    }

    /** Whether it lies in a tensor of a shape. */
    public boolean isWithin(long[] whole) {
        boolean within = shape.length == whole.length;
        for (int d = 0; within && d < shape.length; d++) {
            within = shape[d] >= 0 && shape[d] <= whole[d] - from[d];
        }
        return within;
    }

    /** How many elements it has. */
    public long size() {
        return Shapes.product(shape);
    }

    /**
     * The part of an operand that belongs to this part of x.
     *
     * @param operand the operand
     * @param own its whole shape
     * @param x the whole shape of x
     */
    public Box of(Operand operand, long[] own, long[] x) {
        if (operand.isVector()) {
            int last = x.length - 1;
            return new Box(new long[] {from[last]}, new long[] {shape[last]});
        }
        long[] part = own.clone();
        for (int d = 0; d < x.length; d++) {
            part[d] = shape[d] == x[d] ? own[d] : shape[d];
        }
        return new Box(from, part);
    }

    /** Where an element of this part is in the whole of a shape; indices are row-major. */
    public long index(long element, long[] whole) {
        long index = 0;
        long step = 1;
        long rest = element;
        for (int d = whole.length - 1; d >= 0; d--) {
            long extent = Math.max(1, shape[d]);
            index += (from[d] + rest % extent) * step;
            rest /= extent;
            step *= whole[d];
        }
        return index;
    }

    /** Whether none of its units are those of an earlier part, where some dimensions share. */
    public boolean isFirst(boolean[] shared) {
        for (int d = 0; d < from.length; d++) {
            if (shared[d] && from[d] > 0) {
                return false;
            }
        }
        return true;
    }
}
