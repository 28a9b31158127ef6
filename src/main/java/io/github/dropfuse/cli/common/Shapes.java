package io.github.dropfuse.cli.common;

import io.github.dropfuse.Tensor;
import java.util.Arrays;

/** Extents of tensors. */
public final class Shapes {
    private Shapes() {}

    /** How many elements a shape has. */
    public static long product(long... shape) {
        return Arrays.stream(shape).anyMatch(extent -> extent == 0)
                ? 0
                : Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /** The first elements of a tensor, as many as a shape has. */
    public static Tensor part(Tensor tensor, long... shape) {
        return tensor.reshape(tensor.size()).slice(0, product(shape)).reshape(shape);
    }
}
