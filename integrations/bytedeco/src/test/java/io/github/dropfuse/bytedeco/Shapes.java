package io.github.dropfuse.bytedeco;

import org.bytedeco.pytorch.Tensor;

/** The shapes of tensors. */
final class Shapes {
    private Shapes() {}

    static long[] of(Tensor tensor) {
        long[] shape = new long[(int) tensor.dim()];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = tensor.size(d);
        }
        return shape;
    }
}
