package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import java.lang.foreign.Arena;
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

    /**
     * Training as PyTorch does it on the CPU, with its mask and its arithmetic, bit for bit. The
     * generator is left where PyTorch leaves its own. Its sequence is drawn by the host: for tensors
     * of a device the call returns when the mask has been copied there, and the products are
     * computed by the device as any layer's are.
     *
     * @param x input
     * @param y output of the same shape and type; may be x
     * @param generator what decides, from where it is
     * @param stream which of PyTorch's ways
     * @return where the generator was, for the backward pass
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final TorchState forward(
            Tensor x, Tensor y, TorchGenerator generator, TorchStream stream) {
        Checks.pair("x", x, "y", y);
        units().check("x", x);
        Checks.placed(execution(), "x", x, "y", y);
        synchronized (generator) {
            TorchState before = generator.state();
            generator.restore(torch(stream).apply(x, y, before));
            return before;
        }
    }

    /**
     * The gradient of PyTorch's training: the gradient of the output, times the same mask by the
     * same arithmetic.
     *
     * @param dy gradient of the output
     * @param dx gradient of the input, of the same shape and type; may be dy
     * @param state what the forward pass returned
     * @param stream what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public final void backward(Tensor dy, Tensor dx, TorchState state, TorchStream stream) {
        Checks.pair("dy", dy, "dx", dx);
        units().check("dy", dy);
        Checks.placed(execution(), "dy", dy, "dx", dx);
        torch(stream).apply(dy, dx, state);
    }

    /**
     * Draws the mask that PyTorch would draw, to be kept or read. A layer that is given it selects
     * and scales as it does with any mask, and does not multiply by 0 as PyTorch does.
     *
     * @param arena owns the mask's memory
     * @param x a tensor of the shape and type to be masked; its elements are not read
     * @param generator what decides, from where it is
     * @param stream which of PyTorch's ways
     * @return a mask of {@link #units units(x)} bits
     */
    public final Mask mask(
            Arena arena, Tensor x, TorchGenerator generator, TorchStream stream) {
        Mask mask = Mask.allocate(arena, units(x));
        synchronized (generator) {
            generator.restore(torch(stream).draw(mask, x, generator.state()));
        }
        return mask;
    }

    private TorchCalls torch(TorchStream stream) {
        return new TorchCalls(
                execution(), units(), p(), scaling == Scaling.IN_TRAINING, stream);
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
