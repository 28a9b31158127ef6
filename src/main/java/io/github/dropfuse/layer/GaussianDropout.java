package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;

/**
 * GaussianDropout: multiplies each element with a normal number of mean 1 and variance p / (1 - p),
 * which are those of inverted dropout's factor. Srivastava et al., JMLR 15 (2014), section 10; Keras.
 *
 * <p>{@code y = x * (1 + sqrt(p / (1 - p)) * n)}, with a standard normal n for each element that a
 * {@link PhiloxState} fixes to the bit on every backend. Nothing is dropped, so there is no mask.
 * Immutable; every method checks its arguments before it writes. {@code y} may be {@code x}, or the
 * same memory; any other overlap is refused.
 */
public final class GaussianDropout {
    private final double p;
    private final double sigma;
    private final Execution execution;

    /**
     * GaussianDropout in the strength of a dropout's p.
     *
     * @param p at least 0 and below 1, where the variance would be infinite
     * @throws IllegalArgumentException if p is out of this range
     */
    public GaussianDropout(double p) {
        this(p, Execution.automatic());
    }

    private GaussianDropout(double p, Execution execution) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("p is " + p + ", allowed are 0 to below 1");
        }
        this.p = p;
        this.sigma = Math.sqrt(p / (1.0 - p));
        this.execution = execution;
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP at least 0 and below 1
     * @return a new layer
     * @throws IllegalArgumentException if it is out of this range
     */
    public GaussianDropout withP(double newP) {
        return new GaussianDropout(newP, execution);
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param elsewhere where and on which threads
     * @return a new layer
     */
    public GaussianDropout with(Execution elsewhere) {
        return new GaussianDropout(p, elsewhere);
    }

    /**
     * The dropout probability whose strength this layer has.
     *
     * @return at least 0 and below 1
     */
    public double p() {
        return p;
    }

    /**
     * The standard deviation of the factors.
     *
     * @return {@code sqrt(p / (1 - p))} in float64
     */
    public double sigma() {
        return sigma;
    }

    /**
     * Training.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param state what the factors are drawn from
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, PhiloxState state) {
        forward(x, y, state, 0);
    }

    /**
     * Training on a shard: x is a part of a larger tensor and gets that part of its factors.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param state what the factors are drawn from
     * @param start the first element's index in the larger tensor, unsigned
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, PhiloxState state, long start) {
        Checks.pair("x", x, "y", y);
        Checks.placed(execution, "x", x, "y", y);
        NormalCalls.run(execution, x, y, state, start, true, sigma);
    }

    /**
     * The gradient of the training pass: multiplied with the same factors.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param state what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, PhiloxState state) {
        backward(dy, dx, state, 0);
    }

    /**
     * The gradient of a training pass on a shard.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param state what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, PhiloxState state, long start) {
        Checks.pair("dy", dy, "dx", dx);
        Checks.placed(execution, "dy", dy, "dx", dx);
        NormalCalls.run(execution, dy, dx, state, start, true, sigma);
    }

    /**
     * Inference: the identity, which in place touches nothing.
     *
     * @param x input
     * @param y output of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        Checks.placed(execution, "x", x, "y", y);
        NormalCalls.copy(execution, x, y);
    }

    /** Name and p. */
    @Override
    public String toString() {
        return "GaussianDropout[p=" + p + "]";
    }
}
