package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.kernel.Effect;

/**
 * GaussianDropout: multiplies each element with a normal number of mean 1 and variance p / (1 - p),
 * which are those of inverted dropout's factor. Srivastava et al., JMLR 15 (2014), section 10;
 * Keras.
 *
 * <p>{@code y = x * (1 + sqrt(p / (1 - p)) * n)}, with a standard normal n for each element that a
 * {@link PhiloxState} fixes to the bit on every backend; other sources are refused. The gradient is
 * multiplied with the same numbers. Inference is the identity. Nothing is dropped, so there is no
 * mask.
 */
public final class GaussianDropout extends GaussianLayer {
    private final double p;

    /**
     * GaussianDropout in the strength of a dropout's p.
     *
     * @param p at least 0 and below 1, where the variance would be infinite
     */
    public GaussianDropout(double p) {
        this(p, Execution.automatic());
    }

    private GaussianDropout(double p, Execution execution) {
        super(sigma(p), Effect.Form.MULTIPLIED_NOISE, true, execution);
        this.p = p;
    }

    private static double sigma(double p) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("p is " + p + ", allowed are 0 to below 1");
        }
        return Math.sqrt(p / (1.0 - p));
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP at least 0 and below 1
     * @return a new layer
     */
    public GaussianDropout withP(double newP) {
        return new GaussianDropout(newP, execution());
    }

    @Override
    public GaussianDropout with(Execution execution) {
        return new GaussianDropout(p, execution);
    }

    /** {@return the dropout probability whose strength this layer has: at least 0 and below 1} */
    public double p() {
        return p;
    }

    /** Name and p. */
    @Override
    public String toString() {
        return "GaussianDropout[p=" + p + "]";
    }
}
