package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Layout;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * Zoneout: a dropped element of a recurrent network's state stays what it was at the previous time
 * step, {@code y = keep ? x : previous}. Krueger et al., <i>Zoneout: regularizing RNNs by randomly
 * preserving hidden activations</i>, arXiv:1606.01305.
 *
 * <p>Training and its gradients, {@code dx = keep ? dy : +0} and {@code dprevious = keep ? +0 : dy},
 * compute nothing: the results have their operands' own bits. Inference is the expectation {@code (1
 * - p) * x + p * previous}. It is computed in float32, or float64 for float64, as {@code fma(x, 1 -
 * p, p * previous)}, where 1 - p, p and their product with the previous state are each rounded once,
 * and the result is rounded once to the tensors' type. With p = 0 it has x's own bits, with p = 1
 * the previous state's.
 *
 * <p>As a {@link Layer} it finds the previous state in {@code y}, and replaces it there. With the
 * same source, mask and decisions are those of {@link Dropout}.
 *
 * <pre>{@code
 * Zoneout layer = new Zoneout(0.15);
 * PhiloxState state = generator.next();
 * layer.forward(x, previous, y, state);       // y may be x, or the previous state
 * layer.backward(dy, dx, dprevious, state);
 * }</pre>
 */
public final class Zoneout implements Layer {
    private final Dropout units;
    private final Effect training;
    private final Effect inference;

    /**
     * A decision for each element.
     *
     * @param p probability that an element stays what it was, 0 to 1
     */
    public Zoneout(double p) {
        this(p, Units.elements());
    }

    /**
     * Decisions that are shared between elements.
     *
     * @param p probability that a unit stays what it was, 0 to 1
     * @param units which elements are kept or dropped as one
     */
    public Zoneout(double p, Units units) {
        this(new Dropout(p, Scaling.NONE, units));
    }

    private Zoneout(Dropout units) {
        this.units = units;
        this.training = units.training().as(Effect.Form.ZONEOUT);
        this.inference = units.training().as(Effect.Form.BLEND);
    }

    /** {@return the probability that a unit stays what it was, 0 to 1} */
    public double p() {
        return training.p();
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the probability, 0 to 1
     * @return a new layer
     */
    public Zoneout withP(double newP) {
        return new Zoneout(units.withP(newP));
    }

    @Override
    public Zoneout with(Execution execution) {
        return new Zoneout(units.with(execution));
    }

    @Override
    public Execution execution() {
        return units.execution();
    }

    @Override
    public long units(Tensor x) {
        return units.units(x);
    }

    @Override
    public Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        return units.mask(arena, x, Checks.decides(this, source), shard);
    }

    /** Replaces the previous state in {@code y}. */
    @Override
    public void forward(Tensor x, Tensor y, MaskSource source, Shard shard) {
        forward(x, y, y, source, shard);
    }

    /**
     * Training.
     *
     * @param x the new state
     * @param previous the one before, of x's shape and type
     * @param y output, likewise; may be x, or the previous state
     * @param source what decides
     */
    public void forward(Tensor x, Tensor previous, Tensor y, MaskSource source) {
        forward(x, previous, y, source, Shard.WHOLE);
    }

    /**
     * Training on entries of a larger tensor.
     *
     * @param x the new state
     * @param previous the one before, of x's shape and type
     * @param y output, likewise; may be x, or the previous state
     * @param source what decides
     * @param start index of the first entry, unsigned
     */
    public void forward(Tensor x, Tensor previous, Tensor y, MaskSource source, long start) {
        forward(x, previous, y, source, Shard.startingAt(start));
    }

    /**
     * Training on a shard.
     *
     * @param x the new state
     * @param previous the one before, of x's shape and type
     * @param y output, likewise; may be x, or the previous state
     * @param source what decides
     * @param shard where the tensors lie in larger ones
     */
    public void forward(Tensor x, Tensor previous, Tensor y, MaskSource source, Shard shard) {
        Checks.pair("x", x, "y", y);
        Checks.pair("previous", previous, "y", y);
        Layout layout = units.layout("x", x, Checks.decides(this, source), shard, "y", y);
        Execution here = placed(x, previous, y, source);
        KernelCalls.apply(here, training, source, layout, x, null, previous, y);
    }

    /** The gradient of x alone. */
    @Override
    public void backward(Tensor dy, Tensor dx, MaskSource source, Shard shard) {
        Objects.requireNonNull(dx, "dx");
        backward(dy, dx, null, source, shard);
    }

    /**
     * The gradients of both states.
     *
     * @param dy gradient of the output
     * @param dx gradient of x; may be dy; null for none
     * @param dprevious gradient of the previous state, apart from dx; may be dy; null for none
     * @param source what the forward pass was given
     */
    public void backward(Tensor dy, Tensor dx, Tensor dprevious, MaskSource source) {
        backward(dy, dx, dprevious, source, Shard.WHOLE);
    }

    /**
     * The gradients of both states on entries of a larger tensor.
     *
     * @param dy gradient of the output
     * @param dx gradient of x; may be dy; null for none
     * @param dprevious gradient of the previous state, apart from dx; may be dy; null for none
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     */
    public void backward(
            Tensor dy, Tensor dx, Tensor dprevious, MaskSource source, long start) {
        backward(dy, dx, dprevious, source, Shard.startingAt(start));
    }

    /**
     * The gradients of both states on a shard.
     *
     * @param dy gradient of the output
     * @param dx gradient of x; may be dy; null for none
     * @param dprevious gradient of the previous state, apart from dx; may be dy; null for none
     * @param source what the forward pass was given
     * @param shard what the forward pass was given
     */
    public void backward(
            Tensor dy, Tensor dx, Tensor dprevious, MaskSource source, Shard shard) {
        Objects.requireNonNull(dy, "dy");
        if (dx == null && dprevious == null) {
            throw new NullPointerException("dx and dprevious");
        }
        if (dx != null && dprevious != null) {
            Checks.apart("dprevious", dprevious, "dx", dx);
        }
        Layout layout = check(dy, "dprevious", dprevious, source, shard);
        layout = dx == null ? layout : check(dy, "dx", dx, source, shard);
        // What takes the place of dy comes last.
        boolean last = dprevious != null && Checks.sameMemory(dy, dprevious);
        if (!last) {
            gradient(source, layout, null, dy, dprevious);
        }
        gradient(source, layout, dy, null, dx);
        if (last) {
            gradient(source, layout, null, dy, dprevious);
        }
    }

    /** Replaces the previous state in {@code y}. */
    @Override
    public void infer(Tensor x, Tensor y) {
        infer(x, y, y);
    }

    /**
     * Inference: the expectation.
     *
     * @param x the new state
     * @param previous the one before, of x's shape and type
     * @param y output, likewise; may be x, or the previous state
     */
    public void infer(Tensor x, Tensor previous, Tensor y) {
        Checks.pair("x", x, "y", y);
        Checks.pair("previous", previous, "y", y);
        units.layout("x", x, ElementwiseLayer.NOTHING, Shard.WHOLE, "y", y);
        Execution here = placed(x, previous, y, null);
        KernelCalls.apply(
                here, inference, ElementwiseLayer.NOTHING, Layout.ELEMENTS, x, null, previous, y);
    }

    /** Checks a gradient's call, and gives its units; null where it is not wanted. */
    private Layout check(Tensor dy, String name, Tensor gradient, MaskSource source, Shard shard) {
        if (gradient == null) {
            return null;
        }
        Checks.pair("dy", dy, name, gradient);
        Layout layout = units.layout("dy", dy, Checks.decides(this, source), shard, name, gradient);
        Execution here = execution().at(dy, gradient);
        Checks.placed(here.kernels(), "dy", dy, name, gradient, source);
        return layout;
    }

    /** What is kept of x, and dropped of the previous state: where one is null, +0. */
    private void gradient(
            MaskSource source, Layout layout, Tensor x, Tensor previous, Tensor gradient) {
        if (gradient != null) {
            Execution here = execution().at(x == null ? previous : x, gradient);
            KernelCalls.apply(here, training, source, layout, x, null, previous, gradient);
        }
    }

    private Execution placed(Tensor x, Tensor previous, Tensor y, MaskSource source) {
        Execution here = execution().at(x, y);
        Checks.placed(here.kernels(), "previous", previous);
        Checks.placed(here.kernels(), "x", x, "y", y, source);
        return here;
    }

    /** Name, p and units. */
    @Override
    public String toString() {
        return "Zoneout[p=" + p() + ", units=" + units.units() + "]";
    }
}
