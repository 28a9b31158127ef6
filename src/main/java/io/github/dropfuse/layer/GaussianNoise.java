package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;

/**
 * GaussianNoise: adds to each element a normal number of mean 0 and a given standard deviation, as
 * in Keras and DL4J.
 *
 * <p>{@code y = x + sigma * n}, with a standard normal n for each element that a {@link
 * PhiloxState} fixes to the bit on every backend; other sources are refused. The gradient and
 * inference are the identity. Nothing is dropped, so there is no mask.
 */
public final class GaussianNoise extends GaussianLayer {
    /**
     * Noise of a given strength.
     *
     * @param sigma the standard deviation, at least 0 and finite
     */
    public GaussianNoise(double sigma) {
        this(sigma, Execution.automatic());
    }

    private GaussianNoise(double sigma, Execution execution) {
        super(checked(sigma), Effect.Form.ADDED_NOISE, false, execution);
    }

    private static double checked(double sigma) {
        if (!(sigma >= 0 && sigma <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "sigma is " + sigma + ", allowed are 0 and more, up to the largest finite number");
        }
        return sigma;
    }

    @Override
    public GaussianNoise with(Execution execution) {
        return new GaussianNoise(sigma(), execution);
    }

    /**
     * The gradient of the training pass, which is the identity whatever the noise was.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input; may be dy
     */
    public void backward(Tensor dy, Tensor dx) {
        backward(dy, dx, NOTHING);
    }

    /** Name and sigma. */
    @Override
    public String toString() {
        return "GaussianNoise[sigma=" + sigma() + "]";
    }
}
