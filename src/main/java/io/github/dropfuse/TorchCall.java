package io.github.dropfuse;

import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * One call of PyTorch's dropout: where in its generator's sequence the call begins, and how PyTorch
 * turns the numbers into a mask. {@link TorchGenerator#next} makes one for each call of a layer.
 *
 * <p>The first use takes the numbers from the generator and leaves it behind them, as PyTorch's
 * would be. Every later use, such as the backward pass, draws the same ones again. Uses of one
 * generator from several threads get their numbers in the order of their arrival.
 *
 * <pre>{@code
 * TorchCall call = generator.next(TorchStream.DROPOUT);
 * dropout.forward(x, y, call);
 * dropout.backward(dy, dx, call);
 * }</pre>
 *
 * <p>Layers that are given a call multiply by PyTorch's arithmetic, see {@link TorchStream}; those
 * that are given the call's mask select. A sequence has no shards. It is drawn by the host: for
 * tensors of a device, a call returns when the mask has been copied there.
 */
public final class TorchCall implements MaskSource {
    private final TorchGenerator generator;
    private final TorchStream stream;
    private TorchState state;

    TorchCall(TorchGenerator generator, TorchStream stream) {
        this.generator = generator;
        this.stream = stream;
    }

    /**
     * A call that begins at a known place, such as one that was saved.
     *
     * @param state where the call begins
     * @param stream which of PyTorch's ways
     * @return the call
     */
    public static TorchCall of(TorchState state, TorchStream stream) {
        Objects.requireNonNull(state, "state");
        TorchCall call =
                new TorchCall(
                        TorchGenerator.from(state), Objects.requireNonNull(stream, "stream"));
        call.state = state;
        return call;
    }

    /** {@return how PyTorch makes the mask} */
    public TorchStream stream() {
        return stream;
    }

    /**
     * Where the call begins.
     *
     * @return the generator's state before the call
     * @throws IllegalStateException if the call has not been used
     */
    public TorchState state() {
        synchronized (generator) {
            if (state == null) {
                throw new IllegalStateException(
                        "the call has no state before its first use, such as a forward pass");
            }
            return state;
        }
    }

    /**
     * Draws the call's numbers; for layers. A drawing that throws takes none from the generator.
     *
     * @param drawing is given where the call begins, and gives where it ends
     */
    public void draw(UnaryOperator<TorchState> drawing) {
        Objects.requireNonNull(drawing, "drawing");
        synchronized (generator) {
            if (state != null) {
                drawing.apply(state);
                return;
            }
            TorchState before = generator.state();
            generator.restore(drawing.apply(before));
            state = before;
        }
    }

    /** The stream, and the state once there is one. */
    @Override
    public String toString() {
        synchronized (generator) {
            return "TorchCall[" + stream + ", " + (state == null ? "not used" : state) + "]";
        }
    }
}
