package io.github.dropfuse.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.integrations.testing.Rounds;
import io.github.dropfuse.layer.Execution;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Forward and backward beside DJL's own dropout. The argument is how many threads libtorch has, 1
 * by default; with {@code pool} after it, the blocks compute on Java's common pool as well.
 */
final class RouteBench {
    private static final int ROUNDS = 31;
    private static final long ELEMENTS = 2_000_000;

    private RouteBench() {}

    public static void main(String[] arguments) throws IOException {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        Execution execution =
                arguments.length > 1 ? Execution.automatic() : Execution.automatic().sequential();
        Engine engine = Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(threads);
        for (long[] extents : new long[][] {{64, 256}, {32, 197, 768}}) {
            Shape shape = new Shape(extents);
            System.out.printf("%s, %d threads of libtorch, microseconds%n", shape, threads);
            try (NDManager manager = engine.newBaseManager()) {
                NDArray x = manager.randomNormal(shape);
                PtNDArray dy = (PtNDArray) manager.randomNormal(shape);
                Map<String, Runnable> ways = new LinkedHashMap<>();
                ways(execution).forEach((name, way) -> ways.put(name, () -> step(x, dy, way)));
                Rounds.print(ways, ROUNDS, (int) Math.max(1, ELEMENTS / shape.size()));
            }
        }
    }

    private static Map<String, UnaryOperator<NDArray>> ways(Execution execution) {
        Map<String, UnaryOperator<NDArray>> ways = new LinkedHashMap<>();
        ways.put("nothing", x -> x);
        ways.put("DJL's dropout", x -> Dropout.dropout(x, 0.1f, true).singletonOrThrow());
        Map<String, RandomBlock> blocks =
                Map.of(
                        "Dropout",
                        DropoutBlock.builder().optRate(0.1).optExecution(execution).build(),
                        "DropPath",
                        DropPathBlock.builder().optRate(0.1).optExecution(execution).build());
        blocks.forEach(
                (name, block) -> {
                    for (Route route : Route.values()) {
                        ways.put(
                                name + ", " + route,
                                x -> {
                                    route.use();
                                    return block.drop(x);
                                });
                    }
                });
        return ways;
    }

    @SuppressWarnings("try") // the collector is open, no more
    private static void step(NDArray x, PtNDArray dy, UnaryOperator<NDArray> way) {
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector();
                NDArray leaf = x.stopGradient()) {
            leaf.setRequiresGradient(true);
            try (NDArray y = way.apply(leaf)) {
                JniUtils.backward((PtNDArray) y, dy, false, false);
            }
        }
    }
}
