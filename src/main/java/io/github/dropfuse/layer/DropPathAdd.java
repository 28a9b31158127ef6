package io.github.dropfuse.layer;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.VectorUse;

/**
 * LayerScale, {@link DropPath} and residual in one pass: {@code out = keep ? residual + (x * γ) *
 * scale : residual}. The optional γ runs over the last dimension; Touvron et al., <i>Going deeper
 * with image transformers</i>, arXiv:2103.17239.
 *
 * <p>Dropped samples of x are not read, and in place on the residual not touched. Sums and products
 * are computed in float32, or float64 for float64, and the result is rounded once to the tensors'
 * type. Mask and decisions are those of the DropPath that this layer is made from. Immutable.
 *
 * <pre>{@code
 * DropPathAdd layer = new DropPathAdd(new DropPath(0.2));
 * PhiloxState state = generator.next();
 * layer.forward(branch, gamma, residual, residual, state);   // in place on the residual
 * layer.backward(dy, gamma, dbranch, state);                 // dy is the residual's gradient too
 * layer.gammaGradient(dy, branch, dgamma, state);
 * }</pre>
 */
public final class DropPathAdd {
    private final DropPath dropPath;

    /**
     * Fuses a DropPath with what comes before and after it.
     *
     * @param dropPath drops samples, or the batch
     */
    public DropPathAdd(DropPath dropPath) {
        this.dropPath = dropPath;
    }

    /**
     * The DropPath in the middle, which decides, and where this layer is computed.
     *
     * @return what this layer was made from
     */
    public DropPath dropPath() {
        return dropPath;
    }

    /**
     * Training.
     *
     * @param x the branch's output
     * @param gamma as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor gamma, Tensor residual, Tensor out, MaskSource source) {
        forward(x, gamma, residual, out, source, 0);
    }

    /**
     * Training on a shard.
     *
     * @param x the branch's output
     * @param gamma as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param start the first sample's index in the larger tensor, unsigned; in a mask, its bit
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(
            Tensor x, Tensor gamma, Tensor residual, Tensor out, MaskSource source, long start) {
        ResidualCalls.checkTensors(x, "gamma", gamma, residual, out);
        ResidualCalls.forward(
                dropPath, x, VectorUse.MULTIPLY, gamma, residual, out, source, start);
    }

    /**
     * Inference: {@code out = residual + x * γ}, where DropPath is the identity.
     *
     * @param x the branch's output
     * @param gamma as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void infer(Tensor x, Tensor gamma, Tensor residual, Tensor out) {
        ResidualCalls.checkTensors(x, "gamma", gamma, residual, out);
        ResidualCalls.infer(dropPath, x, VectorUse.MULTIPLY, gamma, residual, out);
    }

    /**
     * The gradient of x: {@code dx = keep ? (dy * γ) * scale : 0}. That of the residual is dy.
     *
     * @param dy gradient of the output
     * @param gamma what the forward pass was given; null for none
     * @param dx gradient of x, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor gamma, Tensor dx, MaskSource source) {
        backward(dy, gamma, dx, source, 0);
    }

    /**
     * The gradient of x on a shard.
     *
     * @param dy gradient of the output
     * @param gamma what the forward pass was given; null for none
     * @param dx gradient of x, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor gamma, Tensor dx, MaskSource source, long start) {
        if (gamma == null) {
            dropPath.backward(dy, dx, source, start);
            return;
        }
        Checks.pair("dy", dy, "dx", dx);
        Checks.vector("gamma", gamma, "dy", dy, "dx", dx);
        ResidualCalls.forward(
                dropPath, dy, VectorUse.MULTIPLY, gamma, null, dx, source, start);
    }

    /**
     * The gradient of γ: the sum of {@code keep ? (dy * scale) * x : 0} over all rows of the last
     * dimension. Dropped samples of dy and x are not read.
     *
     * <p>The terms are added in an order that depends on the number of rows alone, so that every
     * backend and every number of threads gives the same bits. Each 64 rows are a block, in which a
     * column's terms are added to +0 from the first row to the last. Blocks are then added in
     * pairs, neighbour to neighbour, and so the pairs, the pairs of pairs and on; a last one without
     * a neighbour stays as it is. All in the compute type, with one rounding to γ's type at the end.
     *
     * @param dy gradient of the output
     * @param x the branch's output, as the forward pass was given it
     * @param dgamma receives as many elements as the last dimension has, in the same type
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void gammaGradient(Tensor dy, Tensor x, Tensor dgamma, MaskSource source) {
        gammaGradient(dy, x, dgamma, source, 0);
    }

    /**
     * The gradient of γ on a shard: that shard's share of it.
     *
     * @param dy gradient of the output
     * @param x the branch's output, as the forward pass was given it
     * @param dgamma receives as many elements as the last dimension has, in the same type
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void gammaGradient(
            Tensor dy, Tensor x, Tensor dgamma, MaskSource source, long start) {
        ResidualCalls.checkSums("dgamma", dgamma, dy, x);
        ResidualCalls.sums(dropPath, dy, x, "dgamma", dgamma, source, start);
    }

    /** Name, and the DropPath. */
    @Override
    public String toString() {
        return "DropPathAdd[" + dropPath + "]";
    }
}
