package sparkmasks;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.spark.api.java.JavaRDD;

/**
 * Training by full gradients.
 *
 * @param weights after the last step
 * @param firstLoss the mean loss in the first step
 * @param lastLoss the mean loss in the last step
 */
record Training(float[] weights, double firstLoss, double lastLoss) {
    private static final int STEPS = 20;
    private static final double P = 0.5;
    private static final double RATE = 2;

    /** On Spark: a task gets the weights and a state of 16 bytes, and gives back sums. */
    static Training on(JavaRDD<Sample> rows) {
        rows.cache();
        return run(
                (network, state) ->
                        rows.mapPartitions(
                                        part ->
                                                List.of(network.gradient(part, state)).iterator())
                                .treeReduce(FixedPointSums::plus));
    }

    /** The same in this thread. */
    static Training on(List<Sample> rows) {
        return run((network, state) -> network.gradient(rows.iterator(), state));
    }

    private static Training run(BiFunction<Network, PhiloxState, FixedPointSums> gradient) {
        Generator generator = Generator.seeded(42);
        Network network = new Network(P, 1);
        double[] losses = new double[STEPS];
        for (int step = 0; step < STEPS; step++) {
            losses[step] = network.step(gradient.apply(network, generator.next()), RATE);
        }
        return new Training(network.weights(), losses[0], losses[STEPS - 1]);
    }
}
