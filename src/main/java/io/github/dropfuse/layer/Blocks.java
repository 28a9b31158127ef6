package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.kernel.BlockMasks;
import io.github.dropfuse.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the blocks of a DropBlock lie in an image, and how often they cover it. A centre c covers
 * the positions from c - (s - 1) / 2 to c + s / 2, both divisions rounding down.
 */
final class Blocks {
    private final long[] spatial;
    private final int side;
    private final boolean valid;

    private Blocks(long[] spatial, int side, boolean valid) {
        this.spatial = spatial;
        this.side = side;
        this.valid = valid;
    }

    /** Blocks in images of a size, which must not be smaller than a block. */
    static Blocks of(long[] spatial, int blockSize, boolean valid) {
        for (long extent : spatial) {
            if (blockSize > extent) {
                throw new IllegalArgumentException(
                        "blockSize is " + blockSize + ", allowed are 1 to " + extent
                                + ", the least of the spatial extents "
                                + Arrays.toString(spatial));
            }
        }
        return new Blocks(spatial, blockSize, valid);
    }

    /** The number of centres of one image. */
    long centres() {
        long centres = 1;
        for (long extent : spatial) {
            centres *= BlockMasks.along(extent, side, valid);
        }
        return centres;
    }

    /** The centres of a sample of so many channels with blocks of their own. */
    long unitsOfSample(long channels) {
        return Math.multiplyExact(channels, centres());
    }

    /** The unit of a sample's first centre. */
    long firstUnit(long firstSample, long channels) {
        long unitsPerSample = unitsOfSample(channels);
        if (firstSample < 0 || firstSample > Long.MAX_VALUE / unitsPerSample) {
            throw new IllegalArgumentException(
                    "firstSample is " + firstSample + ", allowed are 0 to "
                            + Long.MAX_VALUE / unitsPerSample);
        }
        return firstSample * unitsPerSample;
    }

    /** The place of the first centre that there is. */
    private int first() {
        return valid ? (side - 1) / 2 : 0;
    }

    /**
     * The rate of centres that drops a share p of all positions: {@code mean of (1 - (1 - γ)^m) = p}.
     * With q = -log(1 - γ) the mean of 1 - exp(-q m) is concave in q, so that Newton's iteration
     * from 0 rises to the solution and never passes it.
     */
    double gamma(double p) {
        if (p == 0 || p == 1) {
            return p;
        }
        Map<Long, Double> cover = cover();
        double q = 0;
        while (true) {
            double dropped = 0;
            double slope = 0;
            for (Map.Entry<Long, Double> entry : cover.entrySet()) {
                double term = StrictMath.expm1(-q * entry.getKey());
                dropped -= entry.getValue() * term;
                slope += entry.getValue() * entry.getKey() * (1 + term);
            }
            double next = q + (p - dropped) / slope;
            if (!(next > q)) {
                return -StrictMath.expm1(-q);
            }
            q = next;
        }
    }

    /** The share of positions that m centres can cover, by m. */
    private Map<Long, Double> cover() {
        Map<Long, Double> all = new TreeMap<>(Map.of(1L, 1.0));
        for (long extent : spatial) {
            Map<Long, Double> longer = new TreeMap<>();
            Map<Long, Double> along = coverAlong(extent);
            all.forEach(
                    (m, share) ->
                            along.forEach(
                                    (k, part) -> longer.merge(m * k, share * part, Double::sum)));
            all = longer;
        }
        return all;
    }

    private Map<Long, Double> coverAlong(long extent) {
        Map<Long, Long> positions = new TreeMap<>();
        long last = first() + BlockMasks.along(extent, side, valid) - 1;
        for (long at = 0; at < extent; at++) {
            long from = Math.max(first(), at - side / 2);
            long to = Math.min(last, at + (side - 1) / 2);
            positions.merge(to - from + 1, 1L, Long::sum);
        }
        Map<Long, Double> shares = new TreeMap<>();
        positions.forEach((m, count) -> shares.put(m, (double) count / extent));
        return shares;
    }

    /**
     * The mask of some images: what no block covers is kept. It lives where the kernels compute, as
     * long as the arena, or where that is for a call alone, in the order of the call's stream.
     */
    Mask mask(
            Arena arena,
            boolean forCall,
            long images,
            double gamma,
            PhiloxState state,
            long start,
            Execution here) {
        Kernels kernels = here.kernels();
        long bits = images;
        for (long extent : spatial) {
            bits *= extent;
        }
        MemorySegment packed =
                forCall ? kernels.scratch(arena, room(bits)) : kernels.allocate(arena, room(bits));
        try (Arena own = Arena.ofConfined()) {
            long units = images * centres();
            MemorySegment drawn = kernels.scratch(own, room(units));
            Masks.draw(mask(kernels, drawn, units), gamma, state, start, here);
            kernels.blocks(drawn, packed, images, spatial, side, valid);
        }
        return mask(kernels, packed, bits);
    }

    /** Whole words, and one more that an access of a word at the last byte reaches into. */
    private static long room(long bits) {
        return ((bits + Long.SIZE - 1) / Long.SIZE + 1) * Long.BYTES;
    }

    private static Mask mask(Kernels kernels, MemorySegment memory, long bits) {
        boolean near = kernels.location().isHost();
        return Mask.at(
                kernels.location(), near ? memory.asSlice(0, (bits + 7) / 8) : memory, bits);
    }
}
