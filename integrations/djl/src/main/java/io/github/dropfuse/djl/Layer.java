package io.github.dropfuse.djl;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.util.function.Consumer;

/** What the blocks ask of a layer of the library. */
interface Layer {
    /** Refuses shapes that the layer has no meaning for. */
    void check(Tensor x);

    void forward(Tensor x, Tensor y, PhiloxState state);

    void backward(Tensor dy, Tensor dx, PhiloxState state);

    @FunctionalInterface
    interface Pass {
        void run(Tensor from, Tensor to, PhiloxState state);
    }

    static Layer of(Consumer<Tensor> check, Pass forward, Pass backward) {
        return new Layer() {
            @Override
            public void check(Tensor x) {
                check.accept(x);
            }

            @Override
            public void forward(Tensor x, Tensor y, PhiloxState state) {
                forward.run(x, y, state);
            }

            @Override
            public void backward(Tensor dy, Tensor dx, PhiloxState state) {
                backward.run(dy, dx, state);
            }
        };
    }

    static Layer of(io.github.dropfuse.layer.Layer layer) {
        return of(layer::units, layer::forward, layer::backward);
    }
}
