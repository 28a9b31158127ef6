package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.Effect;

/**
 * AlphaDropout, for networks of scaled exponential linear units: dropped elements take the value α'
 * that such units approach for large negative inputs, and an affine map after it keeps mean 0 and
 * variance 1 of a standardised input. Klambauer et al., <i>Self-normalizing neural networks</i>,
 * arXiv:1706.02515.
 *
 * <p>In training {@code y = keep ? a * x + b : a * α' + b} with α' = -1.7580993408473766, a = 1 /
 * sqrt((1 - p) (1 + p α'²)) and b = -a α' p; the gradient is {@code dx = keep ? a * dy : 0}.
 * Inference is the identity. The constants are computed in float64 and rounded once to the compute
 * type, and {@code a * x + b} is one fused multiply-add. Where p drops everything, y is 0; where it
 * is 0, y is x.
 */
public sealed class AlphaDropout extends ElementwiseLayer permits FeatureAlphaDropout {
    /** α' = -α λ of the scaled exponential linear unit. */
    private static final double ALPHA = -1.7580993408473766;

    /**
     * AlphaDropout by element.
     *
     * @param p probability that an element is dropped, 0 to 1
     */
    public AlphaDropout(double p) {
        this(p, Units.elements());
    }

    /**
     * AlphaDropout whose decisions are shared between elements.
     *
     * @param p probability that a unit is dropped, 0 to 1
     * @param units which elements are kept or dropped as one
     */
    public AlphaDropout(double p, Units units) {
        this(p, units, Execution.automatic());
    }

    AlphaDropout(double p, Units units, Execution execution) {
        this(training(p), units, execution);
    }

    private AlphaDropout(Effect training, Units units, Execution execution) {
        super(
                units, training, Effect.drop(training.p(), training.scale()), Effect.IDENTITY,
                execution);
    }

    private static Effect training(double p) {
        Checks.probability(p);
        if (Scaling.dropsAll(p)) {
            return new Effect(Effect.Form.DROP, p, 0, 0, 0);
        }
        if (p == 0) {
            return Effect.drop(0, 1);
        }
        double scale = 1.0 / Math.sqrt((1.0 - p) * (1.0 + p * (ALPHA * ALPHA)));
        double shift = -scale * ALPHA * p;
        return new Effect(Effect.Form.DROP, p, scale, shift, scale * ALPHA + shift);
    }

    /** {@return the drop probability, 0 to 1} */
    public final double p() {
        return training().p();
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the probability, 0 to 1
     * @return a new layer
     */
    public AlphaDropout withP(double newP) {
        return new AlphaDropout(newP, units(), execution());
    }

    @Override
    public AlphaDropout with(Execution execution) {
        return new AlphaDropout(p(), units(), execution);
    }

    /**
     * {@return the factor a of kept values and of the gradient; rounded once to the compute type
     * when it is used}
     */
    public final double trainingScale() {
        return training().scale();
    }

    /**
     * {@return what is added to kept values, b; rounded once to the compute type when it is used}
     */
    public final double shift() {
        return training().shift();
    }

    /**
     * {@return what dropped values become, a α' + b; rounded to the compute type and to the
     * tensor's when it is used}
     */
    public final double droppedValue() {
        return training().dropped();
    }

    /** Name, p and units. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[p=" + p() + ", units=" + units() + "]";
    }
}
