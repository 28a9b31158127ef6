package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Layers that scale kept units and make dropped ones 0: in training {@code y = keep ? x * scale : 0}
 * and {@code dx = keep ? dy * scale : 0}.
 */
public abstract class ScaledDropout extends UnitDropout {
    private final Scaling scaling;
    private final double trainingScale;

    ScaledDropout(double p, Units units, Scaling scaling, Execution execution) {
        super(p, units, execution);
        this.scaling = scaling;
        this.trainingScale = scaling.training(p);
    }

    /**
     * Where dropped units are made up for.
     *
     * @return the scaling
     */
    public final Scaling scaling() {
        return scaling;
    }

    /**
     * The factor of kept values in training.
     *
     * @return in float64; rounded once to the compute type when it is used
     */
    public final double trainingScale() {
        return trainingScale;
    }

    @Override
    final void train(Tensor x, Tensor y, MemorySegment mask, long seed, long offset, long start) {
        UnitCalls.drop(
                execution(), x, y, units(), mask, p(), seed, offset, start, trainingScale);
    }

    @Override
    final void gradient(
            Tensor dy, Tensor dx, MemorySegment mask, long seed, long offset, long start) {
        train(dy, dx, mask, seed, offset, start);
    }

    @Override
    final double inferenceScale() {
        return scaling.inference(p());
    }
}
