package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;

/**
 * GaussianNoise: adds to each element a normal number of mean 0 and a given standard deviation, as
 * in Keras and DL4J.
 *
 * <p>{@code y = x + sigma * n}, with a standard normal n for each element that a {@link PhiloxState}
 * fixes to the bit on every backend. Immutable; every method checks its arguments before it writes.
 * {@code y} may be {@code x}, or the same memory; any other overlap is refused.
 */
public final class GaussianNoise {
    private final double sigma;
    private final Execution execution;

    /**
     * Noise of a given strength.
     *
     * @param sigma the standard deviation, at least 0 and finite
     * @throws IllegalArgumentException if sigma is out of this range
     */
    public GaussianNoise(double sigma) {
        this(sigma, Execution.automatic());
    }

    private GaussianNoise(double sigma, Execution execution) {
        if (!(sigma >= 0 && sigma <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "sigma is " + sigma + ", allowed are 0 and more, up to the largest finite number");
        }
        this.sigma = sigma;
        this.execution = execution;
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param elsewhere where and on which threads
     * @return a new layer
     */
    public GaussianNoise with(Execution elsewhere) {
        return new GaussianNoise(sigma, elsewhere);
    }

    /**
     * The standard deviation of the noise.
     *
     * @return at least 0
     */
    public double sigma() {
        return sigma;
    }

    /**
     * Training.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param state what the noise is drawn from
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, PhiloxState state) {
        forward(x, y, state, 0);
    }

    /**
     * Training on a shard: x is a part of a larger tensor and gets that part of its noise.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param state what the noise is drawn from
     * @param start the first element's index in the larger tensor, unsigned
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, PhiloxState state, long start) {
        Checks.pair("x", x, "y", y);
        Checks.placed(execution, "x", x, "y", y);
        NormalCalls.run(execution, x, y, state, start, false, sigma);
    }

    /**
     * The gradient of the training pass, which is the identity.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx) {
        Checks.pair("dy", dy, "dx", dx);
        Checks.placed(execution, "dy", dy, "dx", dx);
        NormalCalls.copy(execution, dy, dx);
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

    /** Name and sigma. */
    @Override
    public String toString() {
        return "GaussianNoise[sigma=" + sigma + "]";
    }
}
