package io.github.dropfuse.bytedeco;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/** Calls of autograd. */
final class Gradients {
    private Gradients() {}

    static void backward(Tensor output, Tensor gradient) {
        backward(output, gradient, false);
    }

    static void backward(Tensor output, Tensor gradient, boolean keepGraph) {
        output.backward(
                gradient, new BoolOptional(keepGraph), false, new TensorArrayRefOptional());
    }
}
