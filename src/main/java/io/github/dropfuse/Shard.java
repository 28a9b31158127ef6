package io.github.dropfuse;

import java.util.Arrays;
import java.util.Objects;

/**
 * Where a tensor lies in a larger one, of which it is a box: some samples of a batch, some columns,
 * channels or time steps, or all of these at once. A layer that is given a shard computes exactly
 * that box of what it computes for the whole tensor, as units keep their numbers.
 *
 * <p>The short form has a start only: the tensor is some entries of the first dimension, and has
 * every other dimension whole. A scalar counts as one entry. Immutable.
 *
 * <pre>{@code
 * // columns 4 to 7 of a (6, 8) tensor
 * dropout.forward(x, y, state, Shard.of(new long[] {6, 8}, 0, 4));
 * }</pre>
 */
public final class Shard {
    /** No shard: the tensor is the whole one. */
    public static final Shard WHOLE = new Shard(0, null, null);

    /** What was asked for last: who always asks for the same start gets no new object. */
    private static volatile Shard latest = WHOLE;

    private final long start;
    private final long[] wholeShape;
    private final long[] from;

    private Shard(long start, long[] wholeShape, long[] from) {
        this.start = start;
        this.wholeShape = wholeShape;
        this.from = from;
    }

    /**
     * A box of a larger tensor.
     *
     * @param wholeShape the larger tensor's shape, of fewer than 2^63 elements
     * @param from for each dimension the index at which the box begins
     * @return the shard
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public static Shard of(long[] wholeShape, long... from) {
        long[] whole = Objects.requireNonNull(wholeShape, "wholeShape").clone();
        long[] first = Objects.requireNonNull(from, "from").clone();
        Tensor.sizeOf("wholeShape", whole, null);
        if (first.length != whole.length) {
            throw new IllegalArgumentException(
                    "from has " + first.length + " indices, allowed is wholeShape's rank "
                            + whole.length);
        }
        for (int d = 0; d < whole.length; d++) {
            if (first[d] < 0 || first[d] > whole[d]) {
                throw new IllegalArgumentException(
                        "from[" + d + "] is " + first[d] + ", allowed are 0 to " + whole[d]);
            }
        }
        return new Shard(0, whole, first);
    }

    /**
     * Some entries of a larger tensor's first dimension.
     *
     * @param start index of the first entry, unsigned
     * @return the shard; {@link #WHOLE} for 0
     */
    public static Shard startingAt(long start) {
        if (start == 0) {
            return WHOLE;
        }
        Shard shard = latest;
        if (shard.start != start) {
            shard = new Shard(start, null, null);
            latest = shard;
        }
        return shard;
    }

    /** {@return whether this is a box with the whole tensor's shape, or else a start} */
    public boolean isBox() {
        return wholeShape != null;
    }

    /**
     * The index at which a dimension begins.
     *
     * @param dimension at least 0
     * @return the index, 0 where there is no such dimension; the short form's is unsigned
     */
    public long from(int dimension) {
        if (isBox()) {
            return dimension < from.length ? from[dimension] : 0;
        }
        return dimension == 0 ? start : 0;
    }

    /**
     * The shape of the whole tensor. The short form does not know the first extent, and gives the
     * shard's.
     *
     * @param name the shard's name in messages
     * @param shape the shard's own shape
     * @return a new array
     * @throws IllegalArgumentException if the shard is not within the whole
     */
    public long[] wholeShape(String name, long... shape) {
        Objects.requireNonNull(shape, "shape");
        if (!isBox()) {
            return shape.clone();
        }
        boolean within = shape.length == wholeShape.length;
        for (int d = 0; within && d < shape.length; d++) {
            within = shape[d] <= wholeShape[d] - from[d];
        }
        if (!within) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(shape) + ", which from "
                            + Arrays.toString(from) + " on is not within wholeShape "
                            + Arrays.toString(wholeShape));
        }
        return wholeShape.clone();
    }

    /** Whether the other object is the same place in a tensor of the same shape. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Shard shard
                        && shard.start == start
                        && Arrays.equals(shard.wholeShape, wholeShape)
                        && Arrays.equals(shard.from, from);
    }

    @Override
    public int hashCode() {
        return Objects.hash(start, Arrays.hashCode(wholeShape), Arrays.hashCode(from));
    }

    /** The start, or the whole shape and where the box begins. */
    @Override
    public String toString() {
        return isBox()
                ? "Shard[from " + Arrays.toString(from) + " of " + Arrays.toString(wholeShape) + "]"
                : "Shard[from " + Long.toUnsignedString(start) + "]";
    }
}
