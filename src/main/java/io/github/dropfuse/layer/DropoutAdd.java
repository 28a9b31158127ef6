package io.github.dropfuse.layer;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;

/**
 * Bias, {@link Dropout} and residual in one pass: {@code out = keep ? residual + (x + bias) * scale
 * : residual}, as after the linear layers of a transformer block. The bias runs over the last
 * dimension. At inference {@code out = residual + (x + bias)}.
 *
 * <p>Sums and products are computed in float32, or float64 for float64, and the result is rounded
 * once to the tensors' type. A dropped element is the residual's, bit by bit. With the same source,
 * mask and decisions are those of the Dropout that this layer is made from. The gradient of x is
 * {@code dx = keep ? dy * scale : 0}, that of the residual is dy.
 *
 * <pre>{@code
 * DropoutAdd layer = new DropoutAdd(new Dropout(0.1));
 * PhiloxState state = generator.next();
 * layer.forward(x, bias, residual, residual, state);   // in place on the residual
 * layer.backward(dy, dx, state);                       // dy is the residual's gradient too
 * layer.biasGradient(dy, dbias, state);
 * }</pre>
 */
public final class DropoutAdd extends ResidualLayer {
    private final Dropout dropout;

    /**
     * Fuses a Dropout with what comes before and after it.
     *
     * @param dropout drops elements
     * @throws IllegalArgumentException if it drops other {@linkplain Units units} than elements
     */
    public DropoutAdd(Dropout dropout) {
        super(dropout, "dropout", "bias", Effect.Form.BIASED_BRANCH);
        if (dropout.units() != Units.elements()) {
            throw new IllegalArgumentException(
                    "dropout is " + dropout + ", allowed are units of elements");
        }
        this.dropout = dropout;
    }

    /** {@return the Dropout in the middle, which decides, and says where this layer is computed} */
    public Dropout dropout() {
        return dropout;
    }

    @Override
    public DropoutAdd with(Execution execution) {
        return new DropoutAdd(dropout.with(execution));
    }

    /**
     * The gradient of the bias: the sum of {@code keep ? dy * scale : 0} over all rows of the last
     * dimension, in the {@linkplain DropPathAdd#gammaGradient order} that is the same everywhere.
     *
     * @param dy gradient of the output
     * @param dbias receives as many elements as dy's last dimension has, in its type
     * @param source what the forward pass was given
     */
    public void biasGradient(Tensor dy, Tensor dbias, MaskSource source) {
        biasGradient(dy, dbias, source, Shard.WHOLE);
    }

    /**
     * The gradient of the bias on entries of a larger tensor: their share of it.
     *
     * @param dy gradient of the output
     * @param dbias receives as many elements as dy's last dimension has, in its type
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     */
    public void biasGradient(Tensor dy, Tensor dbias, MaskSource source, long start) {
        biasGradient(dy, dbias, source, Shard.startingAt(start));
    }

    /**
     * The gradient of the bias on a shard: that shard's share of it.
     *
     * @param dy gradient of the output
     * @param dbias receives as many elements as dy's last dimension has, in its type
     * @param source what the forward pass was given
     * @param shard what the forward pass was given
     */
    public void biasGradient(Tensor dy, Tensor dbias, MaskSource source, Shard shard) {
        vectorGradient(dy, null, "dbias", dbias, source, shard);
    }
}
