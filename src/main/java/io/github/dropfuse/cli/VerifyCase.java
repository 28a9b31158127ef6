package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Scaling;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One random call, fixed by a seed and a number.
 *
 * @param layer what is called
 * @param dtype type of the elements
 * @param shape extents of the tensor
 * @param p probability of a drop
 * @param scaling where dropped units are made up for
 * @param state what decides
 * @param start index of the first unit; in a stored mask, its bit
 * @param storedMask whether the decisions are drawn into a mask first
 * @param backward whether the backward pass is called
 * @param inPlace whether the output is the input
 * @param input where the input lies
 * @param output where the output lies
 * @param split whether large calls may use several threads
 * @param cuts where the first dimension is cut into shards
 * @param content seed of the elements
 */
record VerifyCase(
        VerifyLayer layer,
        DType dtype,
        long[] shape,
        double p,
        Scaling scaling,
        PhiloxState state,
        long start,
        boolean storedMask,
        boolean backward,
        boolean inPlace,
        Place input,
        Place output,
        boolean split,
        long[] cuts,
        long content) {
    private static final long[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 255, 511, 512, 513, 1023, 1025, 4095, 4097
    };
    private static final double[] PROBABILITIES = {
        0, 1, 0.1, 0.17, 0.5, 0.9, 0.001, 0x1p-30, 0x1p-40, 0x1p-42, 1 - 0x1p-30, 1 - 0x1p-40
    };
    private static final int LARGE_ONE_IN = 16;
    private static final int LARGE = 600_000;

    /**
     * A kind of memory and an alignment.
     *
     * @param heap whether it is an array of the heap, else native memory
     * @param offset bytes from a multiple of 64
     */
    record Place(boolean heap, int offset) {
        @Override
        public String toString() {
            return (heap ? "heap+" : "native+") + offset;
        }
    }

    /** The case of a number; numbers of one seed have nothing in common. */
    static VerifyCase random(long seed, long number) {
        SplittableRandom random = new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L);
        VerifyLayer layer = pick(random, VerifyLayer.values());
        long[] shape = shape(random);
        long units = layer.units(shape);
        boolean storedMask = layer != VerifyLayer.MASK && random.nextInt(4) == 0;
        return new VerifyCase(
                layer,
                pick(random, DType.values()),
                shape,
                random.nextBoolean()
                        ? PROBABILITIES[random.nextInt(PROBABILITIES.length)]
                        : random.nextDouble(),
                pick(random, Scaling.values()),
                new PhiloxState(
                        random.nextLong(),
                        random.nextInt(8) == 0 ? Long.MAX_VALUE : random.nextLong() >>> 1),
                storedMask ? random.nextInt(100) : start(random, units),
                storedMask,
                random.nextBoolean(),
                random.nextInt(3) == 0,
                place(random),
                place(random),
                random.nextBoolean(),
                cuts(random, layer.canBeCut() ? shape[0] : 0),
                random.nextLong());
    }

    private static long[] shape(SplittableRandom random) {
        if (random.nextInt(LARGE_ONE_IN) == 0) {
            return new long[] {random.nextInt(1, 9), random.nextInt(LARGE / 8)};
        }
        long last = SIZES[random.nextInt(SIZES.length)];
        return switch (random.nextInt(4)) {
            case 0 -> new long[] {last};
            case 1 -> new long[] {random.nextInt(1, 20), last};
            case 2 -> new long[] {random.nextInt(1, 5), random.nextInt(1, 5), last};
            default -> new long[] {last, random.nextInt(1, 4), 2, random.nextInt(1, 4)};
        };
    }

    private static long start(SplittableRandom random, long units) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> random.nextInt(2000);
            case 2 -> (1L << random.nextInt(31, 63)) - random.nextInt(2000);
            case 3 -> -units;
            case 4 -> random.nextLong() >>> 1;
            default -> 512L * random.nextInt(1 << 20);
        };
    }

    private static Place place(SplittableRandom random) {
        return new Place(random.nextInt(4) == 0, random.nextBoolean() ? 0 : random.nextInt(64));
    }

    private static long[] cuts(SplittableRandom random, long extent) {
        int count = extent < 2 || random.nextBoolean() ? 0 : random.nextInt(1, 4);
        return random.longs(count, 0, extent + 1).sorted().toArray();
    }

    private static <T> T pick(SplittableRandom random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    @Override
    public String toString() {
        return layer + (layer == VerifyLayer.MASK ? "" : backward ? " backward" : " forward")
                + " " + dtype + " " + Arrays.toString(shape) + " p=" + p + " scaling=" + scaling
                + " seed=" + state.seed() + " offset=" + state.offset() + " start="
                + Long.toUnsignedString(start) + (storedMask ? " by stored mask" : "")
                + (inPlace ? " in place at " + output : " from " + input + " to " + output)
                + (split ? " split" : "")
                + (cuts.length == 0 ? "" : " cut at " + Arrays.toString(cuts));
    }
}
