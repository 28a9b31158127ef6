package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import java.util.Arrays;

/**
 * A unit is a position of a shape that is broadcast to the tensor's.
 *
 * <p>From the last dimension to the first, the tensor's dimensions form groups that by turns share
 * decisions and have their own: neighbours of one kind count as one dimension, and extents of 1 as
 * none. Group 0 shares and is the run, group 1 the cycle, group 2 its repeats; group 3 begins with
 * new units. What is outside of these four is the number of parts.
 */
final class NoiseShape extends Units {
    private static final int GROUPS_OF_A_PART = 4;

    private final long[] shape;

    NoiseShape(long[] shape) {
        this.shape = shape.clone();
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] == 0 || shape[d] < -1) {
                throw new IllegalArgumentException(
                        "noiseShape[" + d + "] is " + shape[d]
                                + ", allowed are 1, the input's extent, and -1 for that extent");
            }
        }
    }

    @Override
    void check(String name, Tensor x) {
        boolean fits = shape.length <= x.rank();
        for (int d = 0; fits && d < shape.length; d++) {
            long extent = x.extent(x.rank() - shape.length + d);
            fits = shape[d] == 1 || shape[d] == -1 || shape[d] == extent;
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "noiseShape is " + Arrays.toString(shape) + ", which cannot be broadcast to "
                            + name + "'s shape " + Arrays.toString(x.shape()));
        }
    }

    @Override
    long count(Tensor x) {
        if (x.size() == 0) {
            return 0;
        }
        long count = 1;
        for (int d = 0; d < x.rank(); d++) {
            count *= decides(x, d) ? x.extent(d) : 1;
        }
        return count;
    }

    @Override
    long run(Tensor x) {
        return group(x, 0);
    }

    @Override
    long cycle(Tensor x) {
        return repeat(x) == 1 ? 1 : group(x, 1);
    }

    @Override
    long repeat(Tensor x) {
        return group(x, 2);
    }

    @Override
    long partSize(Tensor x) {
        long size = 1;
        for (int g = 0; g < GROUPS_OF_A_PART; g++) {
            size *= group(x, g);
        }
        return size;
    }

    @Override
    long firstUnit(Tensor x, long part) {
        long unit = 0;
        long units = group(x, 1) * group(x, 3);
        long rest = part;
        for (int g = GROUPS_OF_A_PART; rest > 0; g++) {
            long extent = group(x, g);
            if (g % 2 == 1) {
                unit += rest % extent * units;
                units *= extent;
            }
            rest /= extent;
        }
        return unit;
    }

    private boolean decides(Tensor x, int d) {
        int own = d - (x.rank() - shape.length);
        return own >= 0 && shape[own] != 1;
    }

    /** The product of a group's extents, 1 if there is no such group. */
    private long group(Tensor x, int wanted) {
        long product = 1;
        int group = 0;
        for (int d = x.rank() - 1; d >= 0 && group <= wanted; d--) {
            if (x.extent(d) == 1) {
                continue;
            }
            boolean ofThisGroup = decides(x, d) == (group % 2 == 1);
            group += ofThisGroup ? 0 : 1;
            product *= group == wanted ? x.extent(d) : 1;
        }
        return product;
    }

    @Override
    public String toString() {
        return "noise shape " + Arrays.toString(shape);
    }
}
