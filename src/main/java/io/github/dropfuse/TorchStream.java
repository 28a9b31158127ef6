package io.github.dropfuse;

import java.util.Objects;

/**
 * How PyTorch turns the numbers of a {@link TorchGenerator} into a mask, and a mask into values. In
 * both ways a dropped value is a product with 0 and not a selection: a dropped negative number gives
 * -0, a dropped infinity or NaN gives NaN. Each operation is rounded to the tensor's type.
 */
public enum TorchStream {
    /**
     * Modules that are written with {@code torch.rand}: {@code mask = floor(keep + rand)} and {@code
     * y = (x / keep) * mask}, with {@code keep = 1 - p}. A unit takes one output, in float64 two.
     *
     * <p>Where {@code keep + rand} rounds up to 2, which takes a p so small that keep rounds to 1 or
     * next to it, PyTorch's mask is 2; here the unit is kept like any other.
     */
    RAND,

    /**
     * {@code torch.nn.functional.dropout}, and {@code bernoulli_} followed by {@code div_}: a unit
     * is kept when a float64 uniform of two outputs is below {@code 1 - p}, and {@code y = x * (mask
     * / (1 - p))}. With p of 0 or 1 nothing is drawn.
     *
     * <p>This is PyTorch on processors that are not Intel's; on those it may draw from MKL instead.
     */
    DROPOUT;

    /**
     * How many 32-bit outputs of the generator a unit takes, to {@linkplain TorchGenerator#advance
     * skip} a call of so many units.
     *
     * @param dtype the tensors' type
     * @param p probability that a unit is dropped, 0 to 1
     * @return 0, 1 or 2
     */
    public int outputs(DType dtype, double p) {
        Objects.requireNonNull(dtype, "dtype");
        return switch (this) {
            case RAND -> dtype == DType.FLOAT64 ? 2 : 1;
            case DROPOUT -> p > 0 && p < 1 ? 2 : 0;
        };
    }
}
