package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Scaling;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What random calls are made of; each sequence is fixed by a seed and a case's number. */
final class VerifyRandom {
    private static final long[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 255, 511, 512, 513, 1023, 1025, 4095, 4097
    };
    private static final double[] PROBABILITIES = {
        0, 1, 0.1, 0.17, 0.5, 0.9, 0.001, 0x1p-30, 0x1p-40, 0x1p-42, 1 - 0x1p-30, 1 - 0x1p-40
    };
    private static final int LARGE_ONE_IN = 32;
    private static final int LARGE = 400_000;
    private static final int SMALL = 20_000;
    private static final int MOST_SAMPLES = 1000;

    /** The first cases are small, so that all layers are soon met on slow machines too. */
    private static final int SMALL_CASES = 2 * VerifyLayer.values().length;

    private final SplittableRandom random;
    private final boolean large;

    VerifyRandom(long seed, long number) {
        random = new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L);
        large = random.nextInt(LARGE_ONE_IN) == 0 && number >= SMALL_CASES;
    }

    /** 0 to below a bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    long bits() {
        return random.nextLong();
    }

    @SafeVarargs
    final <T> T pick(T... values) {
        return values[random.nextInt(values.length)];
    }

    DType dtype() {
        return pick(DType.values());
    }

    double p() {
        return coin() ? PROBABILITIES[below(PROBABILITIES.length)] : random.nextDouble();
    }

    PhiloxState state() {
        return new PhiloxState(bits(), oneIn(8) ? Long.MAX_VALUE : bits() >>> 1);
    }

    /** The index of the first of some units, up to where they end at the last index there is. */
    long start(long units) {
        return switch (below(6)) {
            case 0 -> 0;
            case 1 -> below(2000);
            case 2 -> (1L << random.nextInt(31, 63)) - below(2000);
            case 3 -> -units;
            case 4 -> bits() >>> 1;
            default -> 512L * below(1 << 20);
        };
    }

    /** Extents of which one is of any size and the others are small. */
    long[] shape(int rank) {
        long[] shape = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = random.nextInt(1, rank < 3 ? 20 : 5);
        }
        int any = below(rank);
        shape[any] = 1;
        long others = Shapes.product(shape);
        shape[any] =
                large
                        ? random.nextLong(1, LARGE / others)
                        : Math.min(SIZES[below(SIZES.length)], SMALL / others);
        return shape;
    }

    /** Extents as {@link #shape} gives them, but only some of the first dimension. */
    long[] batch(int rank) {
        long[] shape = shape(rank);
        shape[0] = Math.min(shape[0], MOST_SAMPLES);
        return shape;
    }

    /** A noise shape that can be broadcast to a shape. */
    long[] noiseShape(long[] shape) {
        long[] noise = new long[1 + below(shape.length)];
        for (int d = 0; d < noise.length; d++) {
            boolean shared = coin();
            long extent = shape[shape.length - noise.length + d];
            noise[d] = shared ? 1 : extent == 0 || d == 0 || coin() ? -1 : extent;
        }
        return noise;
    }

    /** DropPath of any form. */
    DropPath dropPath() {
        return new DropPath(p(), pick(DropPath.Mode.values()), pick(Scaling.values()));
    }

    /** Where a first dimension is cut into shards. */
    long[] cuts(long extent) {
        int count = extent < 2 || coin() ? 0 : random.nextInt(1, 4);
        return random.longs(count, 0, extent + 1).sorted().toArray();
    }

    /** Extents of images of some rank, with samples and channels before them. */
    long[] images(int dimensions) {
        long[] shape = new long[dimensions + 2];
        int most = dimensions == 2 ? large ? 100 : 20 : large ? 24 : 8;
        Arrays.setAll(shape, d -> d < 2 ? below(5) : random.nextInt(1, most));
        return shape;
    }
}
