package io.github.dropfuse.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.Generator;
import io.github.dropfuse.layer.Execution;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Forward and backward beside DJL's own dropout, interleaved; medians of the calling thread's time
 * on the processor and on the clock. The argument is how many threads libtorch has, 1 by default;
 * with {@code pool} after it, the blocks compute on Java's common pool as well.
 */
final class RouteBench {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 31;
    private static final int WARM = 10;
    private static final long ELEMENTS = 2_000_000;

    private RouteBench() {}

    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        Execution execution =
                arguments.length > 1 ? Execution.automatic() : Execution.automatic().sequential();
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(threads);
        for (long[] shape : new long[][] {{64, 256}, {32, 197, 768}}) {
            System.out.printf(
                    "%s, %d threads of libtorch, microseconds of processor and clock%n",
                    new Shape(shape), threads);
            measure(new Shape(shape), ways(execution))
                    .forEach(
                            (name, times) ->
                                    System.out.printf(
                                            "%-22s forward %9.1f %9.1f   both %9.1f %9.1f%n",
                                            name, median(times[0]), median(times[1]),
                                            median(times[2]), median(times[3])));
        }
    }

    private static Map<String, UnaryOperator<NDArray>> ways(Execution execution) {
        Generator generator = Generator.seeded(1);
        Map<String, UnaryOperator<NDArray>> ways = new LinkedHashMap<>();
        ways.put("nothing", x -> x);
        ways.put("DJL's dropout", x -> Dropout.dropout(x, 0.1f, true).singletonOrThrow());
        Map<String, RandomBlock> blocks = new LinkedHashMap<>();
        blocks.put(
                "Dropout",
                DropoutBlock.builder()
                        .optRate(0.1)
                        .optGenerator(generator)
                        .optExecution(execution)
                        .build());
        blocks.put(
                "DropPath",
                DropPathBlock.builder()
                        .optRate(0.1)
                        .optGenerator(generator)
                        .optExecution(execution)
                        .build());
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

    private static Map<String, double[][]> measure(
            Shape shape, Map<String, UnaryOperator<NDArray>> ways) {
        int calls = (int) Math.max(1, ELEMENTS / shape.size());
        Map<String, double[][]> times = new LinkedHashMap<>();
        ways.keySet().forEach(name -> times.put(name, new double[4][ROUNDS]));
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
            NDArray x = manager.randomNormal(shape);
            PtNDArray dy = (PtNDArray) manager.randomNormal(shape);
            for (int round = -WARM; round < ROUNDS; round++) {
                for (var way : ways.entrySet()) {
                    for (int both = 0; both < 2; both++) {
                        long cpu = THREADS.getCurrentThreadCpuTime();
                        long clock = System.nanoTime();
                        for (int call = 0; call < calls; call++) {
                            call(x, dy, way.getValue(), both == 1);
                        }
                        if (round >= 0) {
                            double[][] of = times.get(way.getKey());
                            of[2 * both][round] =
                                    (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / calls;
                            of[2 * both + 1][round] = (System.nanoTime() - clock) / 1e3 / calls;
                        }
                    }
                }
            }
        }
        return times;
    }

    @SuppressWarnings("try") // the collector is open, no more
    private static void call(
            NDArray x, PtNDArray dy, UnaryOperator<NDArray> way, boolean backward) {
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector();
                NDArray leaf = x.stopGradient()) {
            leaf.setRequiresGradient(true);
            NDArray y = way.apply(leaf);
            if (backward) {
                JniUtils.backward((PtNDArray) y, dy, false, false);
            }
            y.close();
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
