package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What all layers share that keep or drop whole units of their input with probability p: an element
 * ({@link Dropout}), a sample ({@link DropPath}). They differ in which elements make a unit.
 *
 * <p>All state is in the arguments, so layers are immutable and can be shared between threads. The
 * decisions come from a {@link MaskSource}: a {@link PhiloxState} draws them, a {@link Mask} holds
 * them. Give the backward pass what the forward pass was given.
 *
 * <p>Every method checks its arguments before it writes. {@code y} may be {@code x}, or the same
 * memory; any other overlap is refused.
 */
public abstract class UnitDropout {
    private final double p;
    private final Scaling scaling;
    private final Execution execution;
    private final double trainingScale;

    UnitDropout(double p, Scaling scaling, Execution execution) {
        Checks.probability(p);
        this.p = p;
        this.scaling = scaling;
        this.execution = execution;
        this.trainingScale = scaling.training(p);
    }

    /** Consecutive elements that share one unit, at least 1; they are numbered in row-major order. */
    abstract long run(Tensor x);

    /**
     * The number of units that decide on a tensor: as many bits as a {@link Mask} for it has.
     *
     * @param x an input
     * @return the number of units, 0 for an empty tensor
     * @throws IllegalArgumentException if the layer has no units for such a shape
     */
    public final long units(Tensor x) {
        return x.size() / run(x);
    }

    /**
     * Training: {@code y = keep ? x * scale : 0}.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param source what decides, bit 0 or unit 0 for the first unit of x
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void forward(Tensor x, Tensor y, MaskSource source) {
        forward(x, y, source, 0);
    }

    /**
     * Training on a shard: x is a part of a larger tensor and gets that part of its mask.
     *
     * @param x input
     * @param y output of the same shape and type
     * @param source what decides
     * @param start the first unit's index in the larger tensor, unsigned; in a {@link Mask}, its bit
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void forward(Tensor x, Tensor y, MaskSource source, long start) {
        Checks.pair("x", x, "y", y);
        drop(x, "y", y, source, start);
    }

    /**
     * The gradient of the training pass: {@code dx = keep ? dy * scale : 0}, with the forward pass's
     * decisions.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void backward(Tensor dy, Tensor dx, MaskSource source) {
        backward(dy, dx, source, 0);
    }

    /**
     * The gradient of a training pass on a shard.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void backward(Tensor dy, Tensor dx, MaskSource source, long start) {
        Checks.pair("dy", dy, "dx", dx);
        drop(dy, "dx", dx, source, start);
    }

    /**
     * Inference: the identity, or {@code y = x * (1 - p)} with {@link Scaling#AT_INFERENCE}. In
     * place, the identity touches nothing.
     *
     * @param x input
     * @param y output of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        double scale = scaling.inference(p);
        if (scale != 1.0) {
            UnitCalls.drop(execution, x, y, 1, MemorySegment.NULL, 0, 0, 0, 0, scale);
        } else if (!Checks.sameMemory(x, y)) {
            UnitCalls.copy(x, y);
        }
    }

    /**
     * Draws the mask that a state stands for, to be kept, read or applied any number of times.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shape to be masked; its elements are not read
     * @param state what decides
     * @return a mask of {@link #units units(x)} bits
     */
    public final Mask mask(Arena arena, Tensor x, PhiloxState state) {
        return mask(arena, x, state, 0);
    }

    /**
     * Draws the mask of a shard.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shard's shape; its elements are not read
     * @param state what decides
     * @param start the first unit's index in the larger tensor, unsigned
     * @return a mask of {@link #units units(x)} bits, the first of them for unit {@code start}
     * @throws IllegalArgumentException if units pass index 2^64 - 1
     */
    public final Mask mask(Arena arena, Tensor x, PhiloxState state, long start) {
        Mask mask = Mask.allocate(arena, units(x));
        Masks.draw(mask, p, state, start, execution);
        return mask;
    }

    /**
     * The drop probability.
     *
     * @return 0 to 1
     */
    public final double p() {
        return p;
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

    /**
     * Where and on which threads this layer computes.
     *
     * @return the execution
     */
    public final Execution execution() {
        return execution;
    }

    private void drop(Tensor x, String outName, Tensor y, MaskSource source, long start) {
        long run = run(x);
        long units = run == 1 ? x.size() : x.size() / run;
        switch (source) {
            case PhiloxState state -> {
                Checks.unitRange(start, units);
                UnitCalls.drop(
                        execution, x, y, run, MemorySegment.NULL, p, state.seed(), state.offset(),
                        start, trainingScale);
            }
            case Mask mask -> {
                Checks.mask(mask, start, units, outName, y);
                UnitCalls.drop(
                        execution, x, y, run, mask.segment(), p, 0, 0, start, trainingScale);
            }
        }
    }
}
