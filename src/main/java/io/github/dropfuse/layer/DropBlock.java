package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.BlockShape;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * DropBlock: drops square blocks of (N, C, H, W), or cubes of (N, C, D, H, W), around centres that
 * are drawn at random. Ghiasi et al., <i>DropBlock</i>, arXiv:1810.12890.
 *
 * <p>p is the share of elements that is dropped. The published rate of centres, γ, assumes
 * positions away from the borders, and so other libraries drop too much or too little; here γ
 * solves
 *
 * <pre>mean over positions of (1 - (1 - γ)^m(position)) = p</pre>
 *
 * <p>where m is the number of centres whose blocks cover a position. A centre is a unit, dropped
 * with probability γ by the mask contract; units are row-major over (N, C, centres), or (N, 1,
 * centres) where channels share their blocks. A {@link Mask} has a bit for each element, or for
 * each position of (N, 1, H, W). A shard is of samples and channels: it has whole images, as blocks
 * reach across them.
 *
 * <p>In training {@code y = keep ? x * factor : 0}, and the gradient likewise; inference is the
 * identity.
 */
public final class DropBlock extends ElementwiseLayer {
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
         * What the call drew: all elements by the kept ones, as in timm and torchvision; of a
         * shard, its own. A mask in a device's or in pinned memory is waited for, as the host
         * counts it.
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

    /** The rate of centres for images of a size. */
    private record Rate(long[] spatial, double gamma) {}

    /** γ cached from the last call: finding it takes as long as a small call. */
    private volatile Rate latestRate;

    /**
     * DropBlock with centres in the valid region, channels for themselves, and the expected factor.
     *
     * @param dimensions 2 for images (N, C, H, W), 3 for volumes (N, C, D, H, W)
     * @param p the share of elements that is dropped, 0 to 1
     * @param blockSize length of a block's sides, odd or even, at least 1
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
        super(
                sharedByChannels ? Units.noiseShape(sharedShape(dimensions)) : Units.elements(),
                Effect.IDENTITY, Effect.IDENTITY, Effect.IDENTITY, execution);
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
        this.centres = Objects.requireNonNull(centres, "where");
        this.factor = Objects.requireNonNull(factor, "of");
        this.sharedByChannels = sharedByChannels;
    }

    /** The noise shape (-1, 1, -1, …) of what channels share. */
    private static long[] sharedShape(int dimensions) {
        long[] shape = new long[dimensions + 2];
        Arrays.fill(shape, -1);
        shape[1] = 1;
        return shape;
    }

    /**
     * The same layer with centres elsewhere.
     *
     * @param where where they may lie
     * @return a new layer
     */
    public DropBlock with(Centres where) {
        return new DropBlock(
                dimensions, p, blockSize, where, factor, sharedByChannels, execution());
    }

    /**
     * The same layer with another factor.
     *
     * @param of what kept values are multiplied by
     * @return a new layer
     */
    public DropBlock with(Factor of) {
        return new DropBlock(dimensions, p, blockSize, centres, of, sharedByChannels, execution());
    }

    /**
     * The same layer with the same blocks in all channels of a sample, or not.
     *
     * @param shared whether channels share their blocks
     * @return a new layer
     */
    public DropBlock sharedByChannels(boolean shared) {
        return new DropBlock(dimensions, p, blockSize, centres, factor, shared, execution());
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the share of elements that is dropped, 0 to 1
     * @return a new layer
     */
    public DropBlock withP(double newP) {
        return new DropBlock(
                dimensions, newP, blockSize, centres, factor, sharedByChannels, execution());
    }

    @Override
    public DropBlock with(Execution execution) {
        return new DropBlock(
                dimensions, p, blockSize, centres, factor, sharedByChannels, execution);
    }

    /** {@return the share of elements that is dropped, 0 to 1} */
    public double p() {
        return p;
    }

    /** {@return the length of a block's sides, at least 1} */
    public int blockSize() {
        return blockSize;
    }

    /** {@return what kept values are multiplied by} */
    public Factor factor() {
        return factor;
    }

    /**
     * The rate of centres for images of a given size.
     *
     * @param spatial the spatial extents, H and W, or D, H and W
     * @return γ, to float64 precision
     * @throws IllegalArgumentException if there are not as many extents, or the block is larger
     *     than one of them
     */
    public double gamma(long... spatial) {
        long[] extents = Objects.requireNonNull(spatial, "spatial").clone();
        if (extents.length != dimensions) {
            throw new IllegalArgumentException(
                    "spatial has " + extents.length + " extents, allowed are " + dimensions);
        }
        return BlockRate.gamma(blocks(extents), p);
    }

    /** The number of centres that are drawn. */
    @Override
    public long units(Tensor x) {
        BlockShape blocks = check("x", Objects.requireNonNull(x, "x"), Shard.WHOLE);
        return x.size() == 0 ? 0 : centres(blocks, x, Shard.WHOLE).count();
    }

    /**
     * A bit for each element, or for each position of a sample where channels share their blocks.
     */
    @Override
    public Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        Objects.requireNonNull(arena, "arena");
        BlockShape blocks = check("x", Objects.requireNonNull(x, "x"), shard);
        if (x.size() == 0 || !(source instanceof PhiloxState state)) {
            return super.mask(arena, x, source, shard);
        }
        ShardLayout centres = centres(blocks, x, shard);
        centres.check(state, null, null);
        Execution here = execution().at(x.location());
        long positions = at("x", x, shard).count();
        Mask mask = Masks.allocate(arena, here.kernels().place(), positions);
        draw(here, blocks, state, centres, mask);
        return mask;
    }

    @Override
    void apply(
            Effect identity,
            String inName,
            Tensor x,
            String outName,
            Tensor y,
            MaskSource source,
            Shard shard) {
        BlockShape blocks = check(inName, x, shard);
        Execution here = execution().at(x, y);
        Checks.placed(here.kernels(), inName, x, outName, y, source);
        ShardLayout at = at(inName, x, shard);
        ShardLayout centres = source instanceof PhiloxState ? centres(blocks, x, shard) : null;
        switch (Objects.requireNonNull(source, "source")) {
            case PhiloxState state -> centres.check(state, null, null);
            case Mask mask when shard == Shard.WHOLE && mask.units() != at.count() ->
                    throw new IllegalArgumentException(
                            "mask has " + mask.units() + " units, allowed are " + at.count());
            case Mask mask -> at.check(mask, outName, y);
            case TorchCall call -> throw Checks.refused(this, call);
        }
        if (x.size() == 0) {
            return;
        }
        boolean splits =
                here.splitter().splits(x.size(), KernelCalls.LIGHT_GRAIN)
                        || here.splitter().splits(at.count(), KernelCalls.MASK_GRAIN);
        try (Arena arena = KernelCalls.scratchArena(splits)) {
            Mask mask;
            Layout layout;
            if (source instanceof Mask stored
                    && (factor != Factor.REALISED || shard == Shard.WHOLE)) {
                mask = stored;
                layout = at.layout();
            } else {
                layout = at.alone().layout();
                mask = Masks.scratch(arena, here.kernels().place(), at.count());
                if (source instanceof PhiloxState state) {
                    draw(here, blocks, state, centres, mask);
                } else {
                    KernelCalls.mask(here, p, source, at.ofMask(), mask);
                }
            }
            Effect effect = Effect.drop(0, scale(arena, here.kernels().place(), mask));
            KernelCalls.apply(here, effect, mask, layout, x, null, null, y);
        }
    }

    /** The centres of a shard's images, or of its samples' where channels share them. */
    private ShardLayout centres(BlockShape blocks, Tensor x, Shard shard) {
        long[] shape = {x.extent(0), sharedByChannels ? 1 : x.extent(1), blocks.centres()};
        Shard ofCentres = shard;
        if (shard.isBox()) {
            long[] whole = shard.wholeShape("x", x.shape());
            whole[1] = sharedByChannels ? 1 : whole[1];
            ofCentres =
                    Shard.of(
                            new long[] {whole[0], whole[1], shape[2]}, shard.from(0),
                            sharedByChannels ? 0 : shard.from(1), 0);
        }
        return new ShardLayout("x", shape, Units.elements(), ofCentres);
    }

    /** Draws centres, and from them the mask of positions: what no block covers is kept. */
    private void draw(
            Execution here, BlockShape blocks, PhiloxState state, ShardLayout centres, Mask mask) {
        Place place = here.kernels().place();
        boolean splits = here.splitter().splits(mask.units(), KernelCalls.GRAIN);
        try (Arena arena = KernelCalls.scratchArena(splits)) {
            long words = (centres.count() + Long.SIZE - 1) / Long.SIZE;
            MemorySegment memory = place.scratch(arena, words * Long.BYTES);
            MemorySegment bits =
                    place.location().isHost()
                            ? memory.asSlice(0, (centres.count() + 7) / 8)
                            : memory;
            Mask drawn = Mask.at(place.location(), bits, centres.count());
            KernelCalls.mask(here, gamma(blocks), state, centres.ofMask(), drawn);
            KernelCalls.blocks(here, blocks, memory, mask);
        }
    }

    private double gamma(BlockShape blocks) {
        Rate known = latestRate;
        if (known == null || !Arrays.equals(known.spatial(), blocks.spatial())) {
            known = new Rate(blocks.spatial(), BlockRate.gamma(blocks, p));
            latestRate = known;
        }
        return known.gamma();
    }

    private double scale(Arena arena, Place place, Mask mask) {
        return switch (factor) {
            case EXPECTED -> Scaling.IN_TRAINING.training(p);
            case NONE -> 1.0;
            case REALISED -> {
                long kept = Masks.onHost(arena, place, mask).kept();
                yield kept == 0 ? 0.0 : (double) mask.units() / kept;
            }
        };
    }

    private BlockShape check(String name, Tensor x, Shard shard) {
        long[] shape = x.shape();
        if (shape.length != dimensions + 2) {
            throw new IllegalArgumentException(
                    name + " has rank " + shape.length + ", allowed is " + (dimensions + 2)
                            + (dimensions == 2 ? ": (N, C, H, W)" : ": (N, C, D, H, W)"));
        }
        long[] whole = Objects.requireNonNull(shard, "shard").wholeShape(name, shape);
        long[] spatial = Arrays.copyOfRange(shape, 2, shape.length);
        if (!Arrays.equals(whole, 2, whole.length, spatial, 0, spatial.length)) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(shape) + ", allowed in a shard of "
                            + Arrays.toString(whole) + " are whole images, as blocks reach across");
        }
        return x.size() == 0
                ? new BlockShape(spatial, blockSize, centres == Centres.VALID)
                : blocks(spatial);
    }

    private BlockShape blocks(long[] spatial) {
        for (long extent : spatial) {
            if (blockSize > extent) {
                throw new IllegalArgumentException(
                        "blockSize is " + blockSize + ", allowed are 1 to " + extent
                                + ", the least of the spatial extents "
                                + Arrays.toString(spatial));
            }
        }
        return new BlockShape(spatial, blockSize, centres == Centres.VALID);
    }

    /** Name and settings. */
    @Override
    public String toString() {
        return "DropBlock" + dimensions + "d[p=" + p + ", blockSize=" + blockSize + ", centres="
                + centres + ", factor=" + factor + ", sharedByChannels=" + sharedByChannels + "]";
    }
}
