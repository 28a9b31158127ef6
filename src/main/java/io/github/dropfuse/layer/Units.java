package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;

/**
 * Which elements of a tensor are kept or dropped as one. Units are numbered row-major over the
 * tensor's mask: an array with one entry per unit that is broadcast to the tensor's shape. Immutable.
 *
 * <p>Kernels know three numbers: units are runs of {@code run} elements, and each {@code cycle} of
 * units comes {@code repeat} times before the next ones begin. A mask that takes more than that to
 * describe is cut into equal parts of which each has such numbers.
 */
public abstract sealed class Units
        permits ElementUnits, SampleUnits, BatchUnits, ChannelUnits, NoiseShape {
    Units() {}

    /**
     * Each element for itself.
     *
     * @return units of one element
     */
    public static Units elements() {
        return ElementUnits.INSTANCE;
    }

    /**
     * The entries of the first dimension, the batch.
     *
     * @return units of one sample
     */
    public static Units samples() {
        return SampleUnits.INSTANCE;
    }

    /**
     * The whole tensor.
     *
     * @return one unit
     */
    public static Units batch() {
        return BatchUnits.INSTANCE;
    }

    /**
     * The channels of each sample of tensors (N, C, …) of rank 2 or more.
     *
     * @return units of one channel of one sample
     */
    public static Units channels() {
        return ChannelUnits.OF_ANY_RANK;
    }

    /**
     * The channels of each sample of tensors with a fixed number of spatial dimensions, with a batch
     * dimension or without.
     *
     * @param spatialDimensions dimensions beside the batch and the channels, at least 0
     * @param channels where the channels are
     * @return units of one channel of one sample
     * @throws IllegalArgumentException if {@code spatialDimensions} is negative
     */
    public static Units channels(int spatialDimensions, Channels channels) {
        return new ChannelUnits(spatialDimensions, channels);
    }

    /**
     * The positions of a noise shape, which is broadcast to the tensor: a dimension of extent 1
     * shares its decisions along the tensor's dimension. Shapes are aligned at their last
     * dimensions, and dimensions that the noise shape lacks share too.
     *
     * @param noiseShape for each dimension 1, the tensor's extent, or -1 for the tensor's extent
     *     whatever it is
     * @return units of all elements that share a position
     * @throws IllegalArgumentException if an extent is 0 or below -1
     */
    public static Units noiseShape(long... noiseShape) {
        return new NoiseShape(noiseShape);
    }

    /** Refuses tensors for which these units have no meaning. */
    abstract void check(String name, Tensor x);

    /** The number of units of a tensor that passes the check: 0 if it has no elements. */
    abstract long count(Tensor x);

    /** Elements of a unit in one stretch. These numbers are asked of tensors with elements only. */
    abstract long run(Tensor x);

    /** Units that take turns. */
    long cycle(Tensor x) {
        return 1;
    }

    /** How often a cycle comes. */
    long repeat(Tensor x) {
        return 1;
    }

    /** Elements that the three numbers describe, from the first on and again and again. */
    long partSize(Tensor x) {
        return x.size();
    }

    /** Which unit a part begins with. */
    long firstUnit(Tensor x, long part) {
        return 0;
    }
}
