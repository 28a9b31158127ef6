package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * Layers that scale kept units and make dropped ones 0: in training {@code y = keep ? x * scale :
 * 0} and {@code dx = keep ? dy * scale : 0}. Inference is the identity, or with {@link
 * Scaling#AT_INFERENCE} {@code y = x * (1 - p)}, where p = 1 gives zeros, of NaNs and infinities
 * too.
 */
public abstract sealed class ScaledDropout extends ElementwiseLayer
        permits Dropout, ChannelDropout, DropPath {
    private final Scaling scaling;

    ScaledDropout(double p, Units units, Scaling scaling, Execution execution) {
        this(training(p, scaling), units, scaling, execution);
    }

    private ScaledDropout(Effect training, Units units, Scaling scaling, Execution execution) {
        super(units, training, training, scaling.inference(training.p()), execution);
        this.scaling = scaling;
    }

    private static Effect training(double p, Scaling scaling) {
        Checks.probability(p);
        return Effect.drop(p, Objects.requireNonNull(scaling, "scaling").training(p));
    }

    /** {@return the drop probability, 0 to 1} */
    public final double p() {
        return training().p();
    }

    /** {@return where dropped units are made up for} */
    public final Scaling scaling() {
        return scaling;
    }

    /**
     * {@return the factor of kept values in training; rounded once to the compute type when it is
     * used}
     */
    public final double trainingScale() {
        return training().scale();
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the probability, 0 to 1
     * @return a new layer
     */
    public abstract ScaledDropout withP(double newP);

    @Override
    public abstract ScaledDropout with(Execution execution);

    @Override
    final void torch(Execution here, TorchCall call, Tensor x, Tensor y, Layout layout) {
        TorchRule rule = rule(call, x);
        boolean splits = here.splitter().splits(x.size(), KernelCalls.LIGHT_GRAIN);
        try (Arena arena = KernelCalls.scratchArena(splits)) {
            Mask mask = Mask.allocate(arena, units(x));
            rule.draw(here.onHost().kernels(), call, mask);
            Mask readable = Masks.readable(arena, here.kernels().place(), mask);
            KernelCalls.apply(here, rule.effect(), readable, layout, x, null, null, y);
        }
    }

    @Override
    final Mask torchMask(Arena arena, Execution here, TorchCall call, Tensor x) {
        Place place = here.kernels().place();
        try (Arena scratch = Arena.ofConfined()) {
            Arena owner = place.location().isHost() ? arena : scratch;
            Mask mask = Mask.allocate(owner, units(x));
            rule(call, x).draw(here.onHost().kernels(), call, mask);
            return Masks.kept(arena, place, mask);
        }
    }

    private TorchRule rule(TorchCall call, Tensor x) {
        return TorchRule.of(call.stream(), x.dtype(), p(), scaling == Scaling.IN_TRAINING);
    }
}
