package io.github.dropfuse.dl4j;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Layer;

/** The two passes of a layer. */
interface Passes {
    void forward(Tensor x, Tensor y, PhiloxState state);

    void backward(Tensor dy, Tensor dx, PhiloxState state);

    static Passes of(Layer layer) {
        return new Passes() {
            @Override
            public void forward(Tensor x, Tensor y, PhiloxState state) {
                layer.forward(x, y, state);
            }

            @Override
            public void backward(Tensor dy, Tensor dx, PhiloxState state) {
                layer.backward(dy, dx, state);
            }
        };
    }
}
