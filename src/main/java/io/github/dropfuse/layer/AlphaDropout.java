package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * AlphaDropout, for networks of scaled exponential linear units: dropped elements take the value
 * α' that such units approach for large negative inputs, and an affine map after it keeps mean 0 and
 * variance 1 of a standardised input. Klambauer et al., <i>Self-normalizing neural networks</i>,
 * arXiv:1706.02515.
 *
 * <p>In training {@code y = keep ? a * x + b : a * α' + b} with α' = -1.7580993408473766, a = 1 /
 * sqrt((1 - p) (1 + p α'²)) and b = -a α' p; the gradient is {@code dx = keep ? a * dy : 0}.
 * Inference is the identity. The constants are computed in float64 and rounded once to the compute
 * type, and {@code a * x + b} is one fused multiply-add. Where p drops everything, y is 0; where it
 * is 0, y is x.
 */
public sealed class AlphaDropout extends UnitDropout permits FeatureAlphaDropout {
    /** α' = -α λ of the scaled exponential linear unit. */
    private static final double ALPHA = -1.7580993408473766;

    private final double scale;
    private final double shift;
    private final double dropped;

    /**
     * AlphaDropout by element.
     *
     * @param p probability that an element is dropped, 0 to 1
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public AlphaDropout(double p) {
        this(p, Units.elements());
    }

    /**
     * AlphaDropout whose decisions are shared between elements.
     *
     * @param p probability that a unit is dropped, 0 to 1
     * @param units which elements are kept or dropped as one
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public AlphaDropout(double p, Units units) {
        this(p, units, Execution.automatic());
    }

    AlphaDropout(double p, Units units, Execution execution) {
        super(p, units, execution);
        if (Scaling.dropsAll(p)) {
            scale = 0;
            shift = 0;
            dropped = 0;
        } else if (p == 0) {
            scale = 1;
            shift = -0.0; // x + -0.0 is x, for a zero of either sign
            dropped = 0;
        } else {
            scale = 1.0 / Math.sqrt((1.0 - p) * (1.0 + p * (ALPHA * ALPHA)));
            shift = -scale * ALPHA * p;
            dropped = scale * ALPHA + shift;
        }
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the probability, 0 to 1
     * @return a new layer
     * @throws IllegalArgumentException if it is not in [0, 1]
     */
    public AlphaDropout withP(double newP) {
        return new AlphaDropout(newP, units(), execution());
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param execution where and on which threads
     * @return a new layer
     */
    public AlphaDropout with(Execution execution) {
        return new AlphaDropout(p(), units(), execution);
    }

    /**
     * The factor a of kept values and of the gradient.
     *
     * @return in float64; rounded once to the compute type when it is used
     */
    public final double trainingScale() {
        return scale;
    }

    /**
     * What is added to kept values, b.
     *
     * @return in float64; rounded once to the compute type when it is used
     */
    public final double shift() {
        return shift;
    }

    /**
     * What dropped values become, a α' + b.
     *
     * @return in float64; rounded to the compute type and to the tensor's when it is used
     */
    public final double droppedValue() {
        return dropped;
    }

    @Override
    final void train(Tensor x, Tensor y, MemorySegment mask, long seed, long offset, long start) {
        UnitCalls.affine(
                execution(), x, y, units(), mask, p(), seed, offset, start, scale, shift, dropped);
    }

    @Override
    final void gradient(
            Tensor dy, Tensor dx, MemorySegment mask, long seed, long offset, long start) {
        UnitCalls.drop(execution(), dy, dx, units(), mask, p(), seed, offset, start, scale);
    }

    @Override
    final double inferenceScale() {
        return 1.0;
    }

    /** Name, p and units. */
    @Override
    public String toString() {
        return "AlphaDropout[p=" + p() + ", units=" + units() + "]";
    }
}
