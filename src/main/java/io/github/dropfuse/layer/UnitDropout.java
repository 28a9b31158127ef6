package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What all layers share that keep or drop whole units of their input with probability p: an element
 * ({@link Dropout}), a sample ({@link DropPath}), a channel ({@link Dropout2d}). They differ in
 * which elements make a {@linkplain Units unit}, and in what becomes of kept and dropped values.
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
    private final Units units;
    private final Execution execution;

    UnitDropout(double p, Units units, Execution execution) {
        Checks.probability(p);
        this.p = p;
        this.units = units;
        this.execution = execution;
    }

    /** What training makes of x, by decisions that are stored, or drawn where the mask is NULL. */
    abstract void train(
            Tensor x, Tensor y, MemorySegment mask, long seed, long offset, long start);

    /** The gradient of {@link #train}. */
    abstract void gradient(
            Tensor dy, Tensor dx, MemorySegment mask, long seed, long offset, long start);

    /** What every value is multiplied by at inference. */
    abstract double inferenceScale();

    /**
     * The number of units that decide on a tensor: as many bits as a {@link Mask} for it has.
     *
     * @param x an input
     * @return the number of units, 0 for an empty tensor
     * @throws IllegalArgumentException if the layer has no units for such a shape
     */
    public final long units(Tensor x) {
        units.check("x", x);
        return units.count(x);
    }

    /**
     * Training.
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
        units.check("x", x);
        placed("x", x, "y", y, source);
        switch (source) {
            case PhiloxState state -> {
                Checks.unitRange(start, units.count(x));
                train(x, y, MemorySegment.NULL, state.seed(), state.offset(), start);
            }
            case Mask mask -> {
                Checks.mask(mask, start, units.count(x), "y", y);
                train(x, y, mask.address(), 0, 0, start);
            }
        }
    }

    /**
     * The gradient of the training pass, with the forward pass's decisions.
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
        units.check("dy", dy);
        placed("dy", dy, "dx", dx, source);
        switch (source) {
            case PhiloxState state -> {
                Checks.unitRange(start, units.count(dy));
                gradient(dy, dx, MemorySegment.NULL, state.seed(), state.offset(), start);
            }
            case Mask mask -> {
                Checks.mask(mask, start, units.count(dy), "dx", dx);
                gradient(dy, dx, mask.address(), 0, 0, start);
            }
        }
    }

    /**
     * Inference: the identity, which in place touches nothing, or {@code y = x * (1 - p)} in layers
     * with {@link Scaling#AT_INFERENCE}, where p = 1 gives zeros, of NaNs and infinities too.
     *
     * @param x input
     * @param y output of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        units.check("x", x);
        placed("x", x, "y", y, null);
        double scale = inferenceScale();
        if (scale != 1.0) {
            double dropped = scale == 0.0 ? 1.0 : 0.0;
            UnitCalls.drop(
                    execution, x, y, Units.elements(), MemorySegment.NULL, dropped, 0, 0, 0, scale);
        } else if (!Checks.sameMemory(x, y)) {
            UnitCalls.copy(execution, x, y);
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
     * Where and on which threads this layer computes.
     *
     * @return the execution
     */
    public final Execution execution() {
        return execution;
    }

    final Units units() {
        return units;
    }

    private void placed(String inName, Tensor in, String outName, Tensor out, MaskSource source) {
        Mask mask = source instanceof Mask stored ? stored : null;
        Checks.placed(execution.at(in, out).kernels(), inName, in, outName, out, mask);
    }
}
