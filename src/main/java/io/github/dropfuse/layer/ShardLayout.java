package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.Layout;

/**
 * The units of tensors of one shape, as a shard of larger tensors. A layer keeps the one that it
 * used last.
 */
final class ShardLayout {
    private final Units units;
    private final long[] shape;
    private final Shard shard;
    private final long[] steps;
    private final long entryUnits;
    private final long count;
    private final long first;
    private final long last;
    private final boolean wraps;
    private final Layout layout;

    /**
     * Lays units out over a tensor.
     *
     * @throws IllegalArgumentException if there are no such units, or the tensor is not within the
     *     whole one
     */
    ShardLayout(String name, long[] shape, Units units, Shard shard) {
        this.units = units;
        this.shape = shape;
        this.shard = shard;
        long[] whole = shard.wholeShape(name, shape);
        units.check(shard.isBox() ? "the whole " + name : name, whole);
        this.steps = steps(units, whole);
        long own = 1;
        long from = 0;
        long across = 0;
        boolean empty = false;
        for (int d = 0; d < shape.length; d++) {
            own *= steps[d] == 0 ? 1 : shape[d];
            from += shard.from(d) * steps[d];
            across += (shape[d] - 1) * steps[d];
            empty |= shape[d] == 0;
        }
        boolean scalar = shape.length == 0;
        this.entryUnits = !scalar ? steps[0] : units == Units.elements() ? 1 : 0;
        this.count = empty ? 0 : own;
        this.first = scalar ? shard.from(0) * entryUnits : from;
        this.last = first + across;
        this.wraps = !empty && !shard.isBox() && passesTheLast(shard.from(0));
        this.layout = empty ? Layout.ELEMENTS : Layout.of(shape, steps, first);
    }

    /** The distance of the units of neighbours along each dimension of the whole tensor. */
    private static long[] steps(Units units, long[] whole) {
        long[] steps = new long[whole.length];
        long step = 1;
        for (int d = whole.length - 1; d >= 0; d--) {
            if (units.decides(d, whole.length)) {
                steps[d] = step;
                step *= whole[d];
            }
        }
        return steps;
    }

    /** Whether this is the layout of such a tensor. */
    boolean fits(Tensor x, Shard wanted) {
        return x.hasShape(shape) && shard.equals(wanted);
    }

    /** Which unit each element belongs to, for kernels. */
    Layout layout() {
        return layout;
    }

    /** The number of the shard's units: 0 if the tensor is empty. */
    long count() {
        return count;
    }

    /** Which unit each bit of the shard's own mask belongs to. */
    Layout ofMask() {
        long[] extents = shape.clone();
        for (int d = 0; d < extents.length; d++) {
            extents[d] = steps[d] == 0 ? 1 : extents[d];
        }
        return Layout.of(extents, steps, first);
    }

    /** The same tensors with the shard's own mask, whose first bit is the first unit's. */
    ShardLayout alone() {
        return shard == Shard.WHOLE ? this : new ShardLayout("x", shape, units, Shard.WHOLE);
    }

    /** Refuses a source that cannot decide on these units, of an output apart from its mask. */
    void check(MaskSource source, String outName, Tensor out) {
        if (source instanceof Mask mask) {
            Checks.mask(mask, count, outName, out);
            if (count > 0 && (wraps || Long.compareUnsigned(last, mask.units()) >= 0)) {
                throw new IllegalArgumentException(
                        shard.isBox()
                                ? "mask has " + mask.units() + " units, needed are at least "
                                        + (last + 1)
                                : "start is " + shard.from(0) + ", for " + count
                                        + " units of a mask of " + mask.units()
                                        + " allowed are 0 to "
                                        + (mask.units() - count) / entryUnits);
            }
        } else if (source instanceof TorchCall && shard != Shard.WHOLE) {
            throw new IllegalArgumentException(
                    "shard is " + shard + ", allowed with a TorchCall is the whole tensor: a"
                            + " sequence has no shards");
        } else if (wraps) {
            throw new IllegalArgumentException(
                    "start is " + Long.toUnsignedString(shard.from(0)) + ", with " + count
                            + " units allowed are 0 to " + Long.toUnsignedString(greatestStart()));
        }
    }

    private boolean passesTheLast(long start) {
        return entryUnits > 0 && Long.compareUnsigned(start, greatestStart()) > 0;
    }

    private long greatestStart() {
        return Checks.entries(entryUnits) - count / entryUnits;
    }
}
