package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;

/**
 * What all layers have in common.
 *
 * <p><b>Layers</b> are immutable and can be shared between threads: all state is in the arguments.
 *
 * <p><b>Units.</b> A unit is what is kept or dropped as one, such as an element ({@link Dropout}),
 * a sample ({@link DropPath}) or a channel ({@link Dropout2d}). Units are numbered row-major over
 * the whole tensor.
 *
 * <p><b>Passes.</b> {@code forward} is the training pass, {@code backward} gives its gradient,
 * {@code infer} is the pass without randomness. Layers that combine two tensors, such as {@link
 * DropoutAdd}, find the second one in {@code y} and combine in place; their other methods have a
 * tensor for each.
 *
 * <p><b>The source</b> decides which units are kept. Give the backward pass what the forward pass
 * was given. See {@link MaskSource}.
 *
 * <p><b>The shard</b> says that the tensors are a box of larger ones, of whose result they get
 * exactly their part; see {@link Shard}. A start is the short form of a shard: the index of the
 * tensors' first entry in the larger ones' first dimension, unsigned.
 *
 * <p><b>Tensors.</b> {@code y} has the shape and type of {@code x}, unless a layer says otherwise.
 * It may be {@code x}, or the same memory; any other overlap is refused.
 *
 * <p><b>Errors.</b> Arguments are checked before anything is written: an {@link
 * IllegalArgumentException} names argument, value and what is allowed, a {@link
 * NullPointerException} the argument. Closed arenas, and confined ones of other threads, have FFM's
 * own exceptions.
 */
public sealed interface Layer permits ElementwiseLayer, ResidualLayer, TokenDrop, Zoneout {
    /**
     * The number of units that decide on a tensor.
     *
     * @param x a tensor of that shape; its elements are not read
     * @return the number of units, 0 for an empty tensor
     */
    long units(Tensor x);

    /**
     * Makes the mask of a tensor, to be kept, read or applied any number of times.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shape to be masked; its elements are not read
     * @param source what decides
     * @return the mask; see {@link #mask(Arena, Tensor, MaskSource, Shard)}
     */
    default Mask mask(Arena arena, Tensor x, MaskSource source) {
        return mask(arena, x, source, Shard.WHOLE);
    }

    /**
     * Makes the mask of entries of a larger tensor.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the entries' shape; its elements are not read
     * @param source what decides
     * @param start index of the first entry, unsigned
     * @return the mask; see {@link #mask(Arena, Tensor, MaskSource, Shard)}
     */
    default Mask mask(Arena arena, Tensor x, MaskSource source, long start) {
        return mask(arena, x, source, Shard.startingAt(start));
    }

    /**
     * Makes the mask of a shard. It has the shard's units only, so it is applied without a shard.
     *
     * <p>For a tensor of a device, and with an execution on a stream, the mask is in the device's
     * memory and is filled in the stream's order.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shard's shape; its elements are not read
     * @param source what decides
     * @param shard where the tensor lies in a larger one
     * @return a mask of {@link #units units(x)} bits, unless the layer says otherwise
     */
    Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard);

    /**
     * Training.
     *
     * @param x input
     * @param y output
     * @param source what decides
     */
    default void forward(Tensor x, Tensor y, MaskSource source) {
        forward(x, y, source, Shard.WHOLE);
    }

    /**
     * Training on entries of a larger tensor.
     *
     * @param x input
     * @param y output
     * @param source what decides
     * @param start index of the first entry, unsigned
     */
    default void forward(Tensor x, Tensor y, MaskSource source, long start) {
        forward(x, y, source, Shard.startingAt(start));
    }

    /**
     * Training on a shard.
     *
     * @param x input
     * @param y output
     * @param source what decides
     * @param shard where the tensors lie in larger ones
     */
    void forward(Tensor x, Tensor y, MaskSource source, Shard shard);

    /**
     * The gradient of the training pass.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input; may be dy
     * @param source what the forward pass was given
     */
    default void backward(Tensor dy, Tensor dx, MaskSource source) {
        backward(dy, dx, source, Shard.WHOLE);
    }

    /**
     * The gradient of a training pass on entries of a larger tensor.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input; may be dy
     * @param source what the forward pass was given
     * @param start what the forward pass was given
     */
    default void backward(Tensor dy, Tensor dx, MaskSource source, long start) {
        backward(dy, dx, source, Shard.startingAt(start));
    }

    /**
     * The gradient of a training pass on a shard.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input; may be dy
     * @param source what the forward pass was given
     * @param shard what the forward pass was given
     */
    void backward(Tensor dy, Tensor dx, MaskSource source, Shard shard);

    /**
     * Inference. An identity touches nothing in place.
     *
     * @param x input
     * @param y output
     */
    void infer(Tensor x, Tensor y);

    /** {@return where and on which threads this layer computes} */
    Execution execution();

    /**
     * The same layer, computed elsewhere.
     *
     * @param execution where and on which threads
     * @return a new layer
     */
    Layer with(Execution execution);
}
