package io.github.dropfuse.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.GradientCollector;

/** DJL's own dropout, forward and backward, before and after the operator is installed. */
final class OtherCode {
    private OtherCode() {}

    public static void main(String[] arguments) {
        System.out.println("before install: " + digest());
        TorchOperator.install();
        System.out.println("after install: " + digest());
    }

    private static String digest() {
        Engine engine = Engine.getEngine("PyTorch");
        engine.setRandomSeed(42);
        try (NDManager manager = engine.newBaseManager();
                GradientCollector collector = engine.newGradientCollector()) {
            NDArray x = manager.ones(new Shape(1000));
            x.setRequiresGradient(true);
            NDArray y = Dropout.dropout(x, 0.3f, true).singletonOrThrow();
            collector.backward(y.mul(y).sum());
            return java.util.Arrays.hashCode(y.toFloatArray())
                    + " "
                    + java.util.Arrays.hashCode(x.getGradient().toFloatArray());
        }
    }
}
