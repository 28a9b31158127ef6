package io.github.dropfuse.bytedeco;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.Zoneout;
import java.util.Objects;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;

/**
 * Dropfuse's layers on PyTorch's tensors, with their gradients.
 *
 * <pre>{@code
 * Dropout dropout = new Dropout(0.1);
 * Generator generator = Generator.seeded(42);
 * Tensor y = training ? Drop.apply(dropout, x, generator.next()) : Drop.infer(dropout, x);
 * }</pre>
 *
 * <p>p is the probability to drop, in {@link io.github.dropfuse.layer.Dropout} as in PyTorch.
 *
 * <p><b>The output</b> is a new tensor, contiguous, with the bits of the layer on plain arrays. The
 * input may have any strides and is not changed. Where autograd records, the output has the layer's
 * exact gradient, which can be differentiated again; what is kept for the backward pass is the
 * source, not a mask. A stored mask, or an arena that holds one, has to stay open until then.
 *
 * <p>The gradient comes from a hook on the output, so {@code output.retain_grad()} shows the
 * gradient behind the layer. The hook lives as long as PyTorch's graph and no longer.
 *
 * <p><b>Tensors</b> have to be dense, on the CPU, and float32, float64, float16 or bfloat16.
 * Tensors of a CUDA device are refused.
 *
 * <p>A layer computes on its own threads, the common fork-join pool, unless it was told otherwise
 * with {@code layer.with(Execution.automatic().sequential())}. Safe to call from several threads.
 */
public final class Drop {
    private Drop() {}

    /**
     * Training: what a layer makes of x.
     *
     * @param layer the layer; one of one input and an output of its shape
     * @param x input
     * @param source what decides; another one for each call, unless masks shall be the same
     * @return a new tensor of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public static Tensor apply(Layer layer, Tensor x, MaskSource source) {
        check(layer, x, source);
        return through(
                x,
                (in, out) -> layer.forward(in, out, source),
                (dy, dx) -> layer.backward(dy, dx, source));
    }

    /**
     * Inference: x itself, or a new tensor where the layer scales at inference.
     *
     * @param layer the layer
     * @param x input
     * @return a tensor of the same shape and type
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public static Tensor infer(Layer layer, Tensor x) {
        check(layer, x, layer);
        return layer instanceof ScaledDropout scaled && scaled.scaling() == Scaling.AT_INFERENCE
                ? through(x, layer::infer, layer::infer)
                : x;
    }

    private static void check(Layer layer, Tensor x, Object source) {
        Objects.requireNonNull(layer, "layer");
        if (layer instanceof DropoutAdd
                || layer instanceof DropPathAdd
                || layer instanceof Zoneout
                || layer instanceof TokenDrop) {
            throw new IllegalArgumentException(
                    "layer is " + layer + ", allowed are layers of one input and an output of its"
                            + " shape");
        }
        Objects.requireNonNull(source, "source");
        Tensors.check("x", x);
    }

    /** A new tensor, with its gradient where autograd records. */
    private static Tensor through(Tensor x, Pass forward, Pass backward) {
        if (!GradMode.is_enabled() || !x.requires_grad()) {
            return Tensors.map(x, forward);
        }
        return Tensors.recorded(x, forward, new Gradient(backward));
    }

    /** Turns the gradient of an output into that of the input. */
    private static final class Gradient extends TensorTensorHook {
        private final Pass backward;

        Gradient(Pass backward) {
            this.backward = backward;
        }

        @Override
        public TensorBase call(TensorBase gradient) {
            if (gradient.defined()) {
                // The argument is PyTorch's own: returned, it leaves nothing to the collector.
                try (Tensor dy = new Tensor(gradient);
                        Tensor dx = through(dy, backward, backward)) {
                    gradient.put(dx);
                }
            }
            return gradient;
        }
    }
}
