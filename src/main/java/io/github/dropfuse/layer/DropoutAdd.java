package io.github.dropfuse.layer;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.VectorUse;

/**
 * Bias, {@link Dropout} and residual in one pass: {@code out = keep ? residual + (x + bias) * scale :
 * residual}, as after the linear layers of a transformer block. The bias runs over the last
 * dimension.
 *
 * <p>Sums and products are computed in float32, or float64 for float64, and the result is rounded
 * once to the tensors' type. A dropped element is the residual's, bit by bit. With the same source,
 * mask and decisions are those of the Dropout that this layer is made from. Immutable.
 *
 * <pre>{@code
 * DropoutAdd layer = new DropoutAdd(new Dropout(0.1));
 * PhiloxState state = generator.next();
 * layer.forward(x, bias, residual, residual, state);   // in place on the residual
 * layer.backward(dy, dx, state);                       // dy is the residual's gradient too
 * layer.biasGradient(dy, dbias, state);
 * }</pre>
 */
public final class DropoutAdd {
    private final Dropout dropout;

    /**
     * Fuses a Dropout with what comes before and after it.
     *
     * @param dropout drops elements
     * @throws IllegalArgumentException if it drops other {@linkplain Units units} than elements
     */
    public DropoutAdd(Dropout dropout) {
        if (dropout.units() != Units.elements()) {
            throw new IllegalArgumentException(
                    "dropout is " + dropout + ", allowed are units of elements");
        }
        this.dropout = dropout;
    }

    /**
     * The Dropout in the middle, which decides, and where this layer is computed.
     *
     * @return what this layer was made from
     */
    public Dropout dropout() {
        return dropout;
    }

    /**
     * Training.
     *
     * @param x input
     * @param bias as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor bias, Tensor residual, Tensor out, MaskSource source) {
        forward(x, bias, residual, out, source, 0);
    }

    /**
     * Training on a shard.
     *
     * @param x input
     * @param bias as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param start the first element's index in the larger tensor, unsigned; in a mask, its bit
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(
            Tensor x, Tensor bias, Tensor residual, Tensor out, MaskSource source, long start) {
        ResidualCalls.checkTensors(x, "bias", bias, residual, out);
        ResidualCalls.forward(
                dropout, x, VectorUse.ADD, bias, residual, out, source, start);
    }

    /**
     * Inference: {@code out = residual + (x + bias)}, where Dropout is the identity.
     *
     * @param x input
     * @param bias as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void infer(Tensor x, Tensor bias, Tensor residual, Tensor out) {
        ResidualCalls.checkTensors(x, "bias", bias, residual, out);
        ResidualCalls.infer(dropout, x, VectorUse.ADD, bias, residual, out);
    }

    /**
     * The gradient of x: {@code dx = keep ? dy * scale : 0}. That of the residual is dy.
     *
     * @param dy gradient of the output
     * @param dx gradient of x, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, MaskSource source) {
        backward(dy, dx, source, 0);
    }

    /**
     * The gradient of x on a shard.
     *
     * @param dy gradient of the output
     * @param dx gradient of x, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, MaskSource source, long start) {
        dropout.backward(dy, dx, source, start);
    }

    /**
     * The gradient of the bias: the sum of {@code keep ? dy * scale : 0} over all rows of the last
     * dimension, in the {@linkplain DropPathAdd#gammaGradient order} that is the same everywhere.
     *
     * @param dy gradient of the output
     * @param dbias receives as many elements as dy's last dimension has, in its type
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void biasGradient(Tensor dy, Tensor dbias, MaskSource source) {
        biasGradient(dy, dbias, source, 0);
    }

    /**
     * The gradient of the bias on a shard: that shard's share of it.
     *
     * @param dy gradient of the output
     * @param dbias receives as many elements as dy's last dimension has, in its type
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void biasGradient(Tensor dy, Tensor dbias, MaskSource source, long start) {
        ResidualCalls.checkSums("dbias", dbias, dy, null);
        ResidualCalls.sums(dropout, dy, null, "dbias", dbias, source, start);
    }

    /** Name, and the Dropout. */
    @Override
    public String toString() {
        return "DropoutAdd[" + dropout + "]";
    }
}
