package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import java.lang.foreign.Arena;
import java.util.Objects;

/** Layers of normal numbers, one for each element. Nothing is dropped, so there are no masks. */
abstract sealed class GaussianLayer extends ElementwiseLayer
        permits GaussianDropout, GaussianNoise {
    private final double sigma;

    /** The gradient has the form of the training, or is the identity. */
    GaussianLayer(double sigma, Effect.Form training, boolean sameGradient, Execution execution) {
        this(effect(training, sigma), sameGradient, sigma, execution);
    }

    private GaussianLayer(
            Effect training, boolean sameGradient, double sigma, Execution execution) {
        super(
                Units.elements(), training, sameGradient ? training : Effect.IDENTITY,
                Effect.IDENTITY, execution);
        this.sigma = sigma;
    }

    private static Effect effect(Effect.Form form, double sigma) {
        return sigma == 0 ? Effect.IDENTITY : new Effect(form, 0, sigma, 0, 0);
    }

    /** {@return the standard deviation of the numbers, at least 0} */
    public final double sigma() {
        return sigma;
    }

    /**
     * Not supported, as nothing is dropped.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public final Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        throw new UnsupportedOperationException(
                getClass().getSimpleName() + " drops nothing, so it has no mask");
    }

    @Override
    final void apply(
            Effect effect,
            String inName,
            Tensor x,
            String outName,
            Tensor y,
            MaskSource source,
            Shard shard) {
        if (!(Objects.requireNonNull(source, "source") instanceof PhiloxState)) {
            throw Checks.refused(this, source, "PhiloxStates");
        }
        super.apply(effect, inName, x, outName, y, source, shard);
    }
}
