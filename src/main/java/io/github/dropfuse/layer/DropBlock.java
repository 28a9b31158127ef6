package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * DropBlock: drops square blocks of (N, C, H, W), or cubes of (N, C, D, H, W), around centres that
 * are drawn at random. Ghiasi et al., <i>DropBlock</i>, arXiv:1810.12890.
 *
 * <p>p is the share of elements that is dropped. The published rate of centres, γ, assumes positions
 * away from the borders, and so other libraries drop too much or too little; here γ solves
 *
 * <pre>mean over positions of (1 - (1 - γ)^m(position)) = p</pre>
 *
 * <p>where m is the number of centres whose blocks cover a position. A centre is a unit, dropped
 * with probability γ by the mask contract; units are row-major over (N, C, centres), or (N, 1,
 * centres) where channels share their blocks. A {@link Mask} has a bit for each element, or for each
 * position of (N, 1, H, W).
 *
 * <p>Immutable; every method checks its arguments before it writes. {@code y} may be {@code x}, or
 * the same memory; any other overlap is refused.
 */
public final class DropBlock {
    /** Where centres may lie. */
    public enum Centres {
        /** Where the block lies within the image, as in torchvision. */
        VALID,
        /** Everywhere; blocks at the border are cut off, as in timm. */
        EVERYWHERE
    }

    /** What kept values are multiplied by in training. */
    public enum Factor {
        /** 1 / (1 - p). */
        EXPECTED,
        /**
         * What the call drew: all elements by the kept ones, as in timm and torchvision. A mask in
         * a device's or in pinned memory is waited for, as the host counts it.
         */
        REALISED,
        /** 1. */
        NONE
    }

    private final int dimensions;
    private final double p;
    private final int blockSize;
    private final Centres centres;
    private final Factor factor;
    private final boolean sharedByChannels;
    private final Execution execution;

    /** The rate of centres for images of a size. */
    private record Rate(long[] spatial, double gamma) {}

    /** Of the call before: finding it takes as long as a small call. */
    private volatile Rate last;

    /**
     * DropBlock with centres in the valid region, channels for themselves, and the expected factor.
     *
     * @param dimensions 2 for images (N, C, H, W), 3 for volumes (N, C, D, H, W)
     * @param p the share of elements that is dropped, 0 to 1
     * @param blockSize length of a block's sides, odd or even, at least 1
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public DropBlock(int dimensions, double p, int blockSize) {
        this(
                dimensions, p, blockSize, Centres.VALID, Factor.EXPECTED, false,
                Execution.automatic());
    }

    private DropBlock(
            int dimensions,
            double p,
            int blockSize,
            Centres centres,
            Factor factor,
            boolean sharedByChannels,
            Execution execution) {
        Checks.probability(p);
        if (dimensions < 2 || dimensions > 3) {
            throw new IllegalArgumentException("dimensions is " + dimensions + ", allowed are 2, 3");
        }
        if (blockSize < 1) {
            throw new IllegalArgumentException(
                    "blockSize is " + blockSize + ", allowed are 1 to the least spatial extent");
        }
        this.dimensions = dimensions;
        this.p = p;
        this.blockSize = blockSize;
        this.centres = centres;
        this.factor = factor;
        this.sharedByChannels = sharedByChannels;
        this.execution = execution;
    }

    /**
     * The same layer with centres elsewhere.
     *
     * @param where where they may lie
     * @return a new layer
     */
    public DropBlock with(Centres where) {
        return new DropBlock(
                dimensions, p, blockSize, where, factor, sharedByChannels, execution);
    }

    /**
     * The same layer with another factor.
     *
     * @param of what kept values are multiplied by
     * @return a new layer
     */
    public DropBlock with(Factor of) {
        return new DropBlock(dimensions, p, blockSize, centres, of, sharedByChannels, execution);
    }

    /**
     * The same layer with the same blocks in all channels of a sample, or not.
     *
     * @param shared whether channels share their blocks
     * @return a new layer
     */
    public DropBlock sharedByChannels(boolean shared) {
        return new DropBlock(dimensions, p, blockSize, centres, factor, shared, execution);
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the share of elements that is dropped, 0 to 1
     * @return a new layer
     * @throws IllegalArgumentException if it is not in [0, 1]
     */
    public DropBlock withP(double newP) {
        return new DropBlock(
                dimensions, newP, blockSize, centres, factor, sharedByChannels, execution);
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param elsewhere where and on which threads
     * @return a new layer
     */
    public DropBlock with(Execution elsewhere) {
        return new DropBlock(
                dimensions, p, blockSize, centres, factor, sharedByChannels, elsewhere);
    }

    /**
     * The share of elements that is dropped.
     *
     * @return 0 to 1
     */
    public double p() {
        return p;
    }

    /**
     * The length of a block's sides.
     *
     * @return at least 1
     */
    public int blockSize() {
        return blockSize;
    }

    /**
     * The rate of centres for images of a given size.
     *
     * @param spatial the spatial extents, H and W, or D, H and W
     * @return γ, to float64 precision
     * @throws IllegalArgumentException if there are not as many extents, or the block is larger than
     *     one of them
     */
    public double gamma(long... spatial) {
        if (spatial.length != dimensions) {
            throw new IllegalArgumentException(
                    "spatial has " + spatial.length + " extents, allowed are " + dimensions);
        }
        return blocks(spatial).gamma(p);
    }

    /**
     * How many centres are drawn for a tensor. Where they are U for one sample, the first sample of
     * a shard has an index of at most {@code (2^63 - 1) / U}.
     *
     * @param x a tensor of the shape to be masked; its elements are not read
     * @return the number of units
     * @throws IllegalArgumentException if the tensor has another rank, or is smaller than a block
     */
    public long units(Tensor x) {
        check("x", x);
        return x.size() == 0 ? 0 : x.extent(0) * blocks(spatial(x)).unitsOfSample(channels(x));
    }

    /** The channels that have blocks of their own. */
    private long channels(Tensor x) {
        return sharedByChannels ? 1 : x.extent(1);
    }

    /**
     * Draws the mask that a state stands for: a bit for each element, or for each position of a
     * sample where channels share their blocks. It is in the memory of where the execution computes:
     * the device's for a tensor of a device, or on a stream. There it is filled asynchronously, in
     * the stream's order.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shape to be masked; its elements are not read
     * @param state what decides
     * @return the mask
     * @throws IllegalArgumentException if the tensor has another rank, or is smaller than a block
     */
    public Mask mask(Arena arena, Tensor x, PhiloxState state) {
        return mask(arena, x, state, 0);
    }

    /**
     * Draws the mask of some samples of a larger batch, into the same memory.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the samples' shape; its elements are not read
     * @param state what decides
     * @param firstSample the first sample's index in the whole batch, at least 0
     * @return the mask
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public Mask mask(Arena arena, Tensor x, PhiloxState state, long firstSample) {
        check("x", x);
        if (x.size() == 0) {
            return Mask.allocate(arena, 0);
        }
        return mask(arena, false, x, state, firstSample, execution.at(x.location()));
    }

    private Mask mask(
            Arena arena,
            boolean forCall,
            Tensor x,
            PhiloxState state,
            long firstSample,
            Execution here) {
        long[] spatial = spatial(x);
        Blocks blocks = blocks(spatial);
        long start = blocks.firstUnit(firstSample, channels(x));
        return blocks.mask(
                arena, forCall, x.extent(0) * channels(x), gamma(blocks, spatial), state, start,
                here);
    }

    private double gamma(Blocks blocks, long[] spatial) {
        Rate known = last;
        if (known == null || !Arrays.equals(known.spatial(), spatial)) {
            known = new Rate(spatial, blocks.gamma(p));
            last = known;
        }
        return known.gamma();
    }

    /**
     * Training: {@code y = keep ? x * factor : 0}.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param source what decides
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, MaskSource source) {
        forward(x, y, source, 0);
    }

    /**
     * Training on some samples of a larger batch. With {@link Factor#REALISED} the factor is that of
     * these samples.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param source what decides; a mask is that of these samples
     * @param firstSample the first sample's index in the whole batch, at least 0
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, MaskSource source, long firstSample) {
        Checks.pair("x", x, "y", y);
        check("x", x);
        placed("x", x, "y", y, source);
        train("y", x, y, source, firstSample);
    }

    /**
     * The gradient of the training pass, with the same decisions and factor.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, MaskSource source) {
        backward(dy, dx, source, 0);
    }

    /**
     * The gradient of a training pass on some samples of a larger batch.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @param firstSample what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, MaskSource source, long firstSample) {
        Checks.pair("dy", dy, "dx", dx);
        check("dy", dy);
        placed("dy", dy, "dx", dx, source);
        train("dx", dy, dx, source, firstSample);
    }

    /**
     * Inference: the identity, which in place touches nothing.
     *
     * @param x input
     * @param y output of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        placed("x", x, "y", y, null);
        NormalCalls.copy(execution, x, y);
    }

    private void placed(String inName, Tensor in, String outName, Tensor out, MaskSource source) {
        Mask mask = source instanceof Mask stored ? stored : null;
        Checks.placed(execution.at(in, out).kernels(), inName, in, outName, out, mask);
    }

    private void train(String outName, Tensor x, Tensor y, MaskSource source, long firstSample) {
        if (x.size() == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Mask mask =
                    switch (source) {
                        case PhiloxState state ->
                                mask(arena, true, x, state, firstSample, execution.at(x, y));
                        case Mask stored -> {
                            long units = sharedByChannels ? x.size() / x.extent(1) : x.size();
                            if (stored.units() != units) {
                                throw new IllegalArgumentException(
                                        "mask has " + stored.units() + " units, allowed are "
                                                + units);
                            }
                            Checks.mask(stored, 0, units, outName, y);
                            yield stored;
                        }
                    };
            Units units =
                    sharedByChannels
                            ? Units.noiseShape(sharedShape())
                            : Units.elements();
            UnitCalls.drop(
                    execution, x, y, units, mask.address(), 0, 0, 0, 0, scale(arena, mask));
        }
    }

    private double scale(Arena arena, Mask mask) {
        return switch (factor) {
            case EXPECTED -> Scaling.IN_TRAINING.training(p);
            case NONE -> 1.0;
            case REALISED -> {
                long kept = Masks.near(arena, mask).kept();
                yield kept == 0 ? 0.0 : (double) mask.units() / kept;
            }
        };
    }

    private long[] sharedShape() {
        long[] shape = new long[dimensions + 2];
        Arrays.fill(shape, -1);
        shape[1] = 1;
        return shape;
    }

    private Blocks blocks(long[] spatial) {
        return Blocks.of(spatial, blockSize, centres == Centres.VALID);
    }

    private void check(String name, Tensor x) {
        if (x.rank() != dimensions + 2) {
            throw new IllegalArgumentException(
                    name + " has rank " + x.rank() + ", allowed is " + (dimensions + 2)
                            + (dimensions == 2 ? ": (N, C, H, W)" : ": (N, C, D, H, W)"));
        }
        if (x.size() > 0) {
            blocks(spatial(x));
        }
    }

    private static long[] spatial(Tensor x) {
        return Arrays.copyOfRange(x.shape(), 2, x.rank());
    }

    /** Name and settings. */
    @Override
    public String toString() {
        return "DropBlock" + dimensions + "d[p=" + p + ", blockSize=" + blockSize + ", centres="
                + centres + ", factor=" + factor + ", sharedByChannels=" + sharedByChannels + "]";
    }
}
