package io.github.dropfuse.layer;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import java.util.Objects;

/**
 * LayerScale, {@link DropPath} and residual in one pass: {@code out = keep ? residual + (x * γ) *
 * scale : residual}. The optional γ runs over the last dimension; Touvron et al., <i>Going deeper
 * with image transformers</i>, arXiv:2103.17239. At inference {@code out = residual + x * γ}.
 *
 * <p>Dropped samples of x, of more than 64 elements, are not read, and in place on the residual not
 * touched. Sums and products
 * are computed in float32, or float64 for float64, and the result is rounded once to the tensors'
 * type. Mask and decisions are those of the DropPath that this layer is made from.
 *
 * <pre>{@code
 * DropPathAdd layer = new DropPathAdd(new DropPath(0.2));
 * PhiloxState state = generator.next();
 * layer.forward(branch, gamma, residual, residual, state);   // in place on the residual
 * layer.backward(dy, gamma, dbranch, state);                 // dy is the residual's gradient too
 * layer.gammaGradient(dy, branch, dgamma, state);
 * }</pre>
 */
public final class DropPathAdd extends ResidualLayer {
    private final DropPath dropPath;

    /**
     * Fuses a DropPath with what comes before and after it.
     *
     * @param dropPath drops samples, or the batch
     */
    public DropPathAdd(DropPath dropPath) {
        super(dropPath, "dropPath", "gamma", Effect.Form.SCALED_BRANCH);
        this.dropPath = dropPath;
    }

    /**
     * {@return the DropPath in the middle, which decides, and says where this layer is computed}
     */
    public DropPath dropPath() {
        return dropPath;
    }

    @Override
    public DropPathAdd with(Execution execution) {
        return new DropPathAdd(dropPath.with(execution));
    }

    /**
     * The gradient of x: {@code dx = keep ? (dy * γ) * scale : 0}. That of the residual is dy.
     *
     * @param dy gradient of the output
     * @param gamma what the forward pass was given; null for none
     * @param dx gradient of x; may be dy
     * @param source what the forward pass was given
     */
    public void backward(Tensor dy, Tensor gamma, Tensor dx, MaskSource source) {
        backward(dy, gamma, dx, source, Shard.WHOLE);
    }

    /**
     * The gradient of x on entries of a larger tensor.
     *
     * @param dy gradient of the output
     * @param gamma what the forward pass was given; null for none
     * @param dx gradient of x; may be dy
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     */
    public void backward(Tensor dy, Tensor gamma, Tensor dx, MaskSource source, long start) {
        backward(dy, gamma, dx, source, Shard.startingAt(start));
    }

    /**
     * The gradient of x on a shard.
     *
     * @param dy gradient of the output
     * @param gamma what the forward pass was given; null for none
     * @param dx gradient of x; may be dy
     * @param source what the forward pass was given
     * @param shard what the forward pass was given
     */
    public void backward(Tensor dy, Tensor gamma, Tensor dx, MaskSource source, Shard shard) {
        if (gamma == null) {
            backward(dy, dx, source, shard);
        } else {
            branchGradient(dy, gamma, dx, source, shard);
        }
    }

    /**
     * The gradient of γ: the sum of {@code keep ? (dy * scale) * x : 0} over all rows of the last
     * dimension. Dropped samples of more than 64 elements are not read.
     *
     * <p>The terms are added in an order that depends on the number of rows alone, so that every
     * backend and every number of threads gives the same bits. Each 64 rows are a block, in which a
     * column's terms are added to +0 from the first row to the last. Blocks are then added in
     * pairs, neighbour to neighbour, and so the pairs, the pairs of pairs and on; a last one
     * without a neighbour stays as it is. All in the compute type, with one rounding to γ's type at
     * the end.
     *
     * @param dy gradient of the output
     * @param x the branch's output, as the forward pass was given it
     * @param dgamma receives as many elements as the last dimension has, in the same type
     * @param source what the forward pass was given
     */
    public void gammaGradient(Tensor dy, Tensor x, Tensor dgamma, MaskSource source) {
        gammaGradient(dy, x, dgamma, source, Shard.WHOLE);
    }

    /**
     * The gradient of γ on entries of a larger tensor: their share of it.
     *
     * @param dy gradient of the output
     * @param x the branch's output, as the forward pass was given it
     * @param dgamma receives as many elements as the last dimension has, in the same type
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     */
    public void gammaGradient(
            Tensor dy, Tensor x, Tensor dgamma, MaskSource source, long start) {
        gammaGradient(dy, x, dgamma, source, Shard.startingAt(start));
    }

    /**
     * The gradient of γ on a shard: that shard's share of it.
     *
     * @param dy gradient of the output
     * @param x the branch's output, as the forward pass was given it
     * @param dgamma receives as many elements as the last dimension has, in the same type
     * @param source what the forward pass was given
     * @param shard what the forward pass was given
     */
    public void gammaGradient(
            Tensor dy, Tensor x, Tensor dgamma, MaskSource source, Shard shard) {
        Objects.requireNonNull(x, "x");
        vectorGradient(dy, x, "dgamma", dgamma, source, shard);
    }
}
