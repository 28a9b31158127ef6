package io.github.dropfuse.layer;

import java.util.Arrays;
import java.util.Objects;

/**
 * Which elements of a tensor are kept or dropped as one. Along each dimension, neighbours either
 * have decisions of their own or share them. Units are numbered row-major over the dimensions that
 * decide. Immutable.
 */
public final class Units {
    private static final Units ELEMENTS =
            new Units("elements", (name, shape) -> {}, (dimension, rank) -> true);
    private static final Units SAMPLES =
            new Units("samples", Units::checkBatch, (dimension, rank) -> dimension == 0);
    private static final Units BATCH =
            new Units("batch", Units::checkBatch, (dimension, rank) -> false);
    private static final Units CHANNELS =
            new Units(
                    "channels first",
                    (name, shape) ->
                            checkRank(name, shape, shape.length > 1, "2 and more, (N, C, …)"),
                    (dimension, rank) -> dimension < 2);

    private final String name;
    private final Check check;
    private final Decides decides;

    /** Refuses shapes for which units have no meaning. */
    private interface Check {
        void check(String name, long[] shape);
    }

    /** Whether neighbours along a dimension have decisions of their own. */
    private interface Decides {
        boolean test(int dimension, int rank);
    }

    private Units(String name, Check check, Decides decides) {
        this.name = name;
        this.check = check;
        this.decides = decides;
    }

    /** {@return units of one element} */
    public static Units elements() {
        return ELEMENTS;
    }

    /** {@return units of one sample: the entries of the first dimension, the batch} */
    public static Units samples() {
        return SAMPLES;
    }

    /** {@return one unit of the whole tensor, which is unit 0 of every shard} */
    public static Units batch() {
        return BATCH;
    }

    /** {@return units of one channel of one sample, for tensors (N, C, …) of rank 2 or more} */
    public static Units channels() {
        return CHANNELS;
    }

    /**
     * The channels of each sample of tensors with a fixed number of spatial dimensions, with a
     * batch dimension or without.
     *
     * @param spatialDimensions dimensions beside the batch and the channels, at least 0
     * @param channels where the channels are
     * @return units of one channel of one sample
     */
    public static Units channels(int spatialDimensions, Channels channels) {
        boolean last = Objects.requireNonNull(channels, "channels") == Channels.LAST;
        long spatial = spatialDimensions;
        if (spatial < 0) {
            throw new IllegalArgumentException(
                    "spatialDimensions is " + spatial + ", allowed are 0 to 2^31 - 1");
        }
        String ranks =
                (spatial + 1) + " and " + (spatial + 2) + ", " + spatial + " spatial dimensions and"
                        + " one of channels, after one of samples or without";
        return new Units(
                last ? "channels last" : "channels first",
                (name, shape) -> {
                    boolean fits = shape.length == spatial + 1 || shape.length == spatial + 2;
                    checkRank(name, shape, fits, ranks);
                },
                (dimension, rank) ->
                        last
                                ? dimension == rank - 1 || dimension < rank - 1 - spatial
                                : dimension < rank - spatial);
    }

    /**
     * The positions of a noise shape, which is broadcast to the tensor: a dimension of extent 1
     * shares its decisions along the tensor's dimension. Shapes are aligned at their last
     * dimensions, and dimensions that the noise shape lacks share too. Of a box, the extents are the
     * whole tensor's; a box's own mask, which is applied without a shard, needs -1 in their place.
     *
     * @param noiseShape for each dimension 1, the tensor's extent, or -1 for the tensor's extent
     *     whatever it is
     * @return units of all elements that share a position
     */
    public static Units noiseShape(long... noiseShape) {
        long[] noise = Objects.requireNonNull(noiseShape, "noiseShape").clone();
        for (int d = 0; d < noise.length; d++) {
            if (noise[d] == 0 || noise[d] < -1) {
                throw new IllegalArgumentException(
                        "noiseShape[" + d + "] is " + noise[d]
                                + ", allowed are 1, the input's extent, and -1 for that extent");
            }
        }
        return new Units(
                "noise shape " + Arrays.toString(noise),
                (name, shape) -> checkNoise(noise, name, shape),
                (dimension, rank) -> {
                    int own = dimension - (rank - noise.length);
                    return own >= 0 && noise[own] != 1;
                });
    }

    /** Refuses shapes for which these units have no meaning. */
    void check(String name, long[] shape) {
        check.check(name, shape);
    }

    /** Whether neighbours along a dimension have decisions of their own. */
    boolean decides(int dimension, int rank) {
        return decides.test(dimension, rank);
    }

    private static void checkBatch(String name, long[] shape) {
        if (shape.length == 0) {
            throw new IllegalArgumentException(
                    name + " has rank 0, allowed are 1 and more: the first dimension is the batch");
        }
    }

    private static void checkRank(String name, long[] shape, boolean fits, String allowed) {
        if (!fits) {
            throw new IllegalArgumentException(
                    name + " has rank " + shape.length + " (shape " + Arrays.toString(shape)
                            + "), allowed are " + allowed);
        }
    }

    private static void checkNoise(long[] noise, String name, long[] shape) {
        boolean fits = noise.length <= shape.length;
        for (int d = 0; fits && d < noise.length; d++) {
            long extent = shape[shape.length - noise.length + d];
            fits = noise[d] == 1 || noise[d] == -1 || noise[d] == extent;
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "noiseShape is " + Arrays.toString(noise) + ", which cannot be broadcast to "
                            + name + "'s shape " + Arrays.toString(shape));
        }
    }

    /** What a unit is. */
    @Override
    public String toString() {
        return name;
    }
}
