package dl4jdigits;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Trains networks with and without regularisers, and some with an interruption. */
public final class Main {
    private static final int SEEDS = 5;
    private static final int EPOCHS = 30;
    private static final int RESUMED_EPOCHS = 10;

    private Main() {}

    public static void main(String[] arguments) {
        Digits digits = Digits.load();
        Training.train(Network.create(Regulariser.DROPOUT, 0), digits.train(), EPOCHS); // warms up
        System.out.printf(
                Locale.ROOT, "%nMeans and standard deviations of %d seeds, %d epochs each%n%n"
                        + "%-26s%15s%15s%17s%15s%15s%n",
                SEEDS, EPOCHS, "", "train loss", "accuracy, %", "test loss", "accuracy, %",
                "ms an epoch");
        for (Regulariser regulariser : Regulariser.values()) {
            List<Result> results =
                    LongStream.rangeClosed(1, SEEDS)
                            .mapToObj(seed -> result(regulariser, seed, digits))
                            .toList();
            System.out.printf(Locale.ROOT, "%-26s%s%n", regulariser.title, Result.row(results));
        }

        System.out.printf(Locale.ROOT, "%nSaved and restored after %d of %d epochs, the weights have%n%n",
                RESUMED_EPOCHS / 2, RESUMED_EPOCHS);
        for (Regulariser regulariser : Regulariser.values()) {
            float[] whole =
                    Training.uninterrupted(regulariser, digits.train(), RESUMED_EPOCHS);
            float[] resumed = Training.resumed(regulariser, digits.train(), RESUMED_EPOCHS);
            System.out.printf(
                    Locale.ROOT, "%-26s%s%n",
                    regulariser.title,
                    Arrays.equals(whole, resumed)
                            ? "the bits of the uninterrupted run"
                            : "other bits than the uninterrupted run");
        }
    }

    private static Result result(Regulariser regulariser, long seed, Digits digits) {
        ComputationGraph network = Network.create(regulariser, seed);
        long begun = System.nanoTime();
        Training.train(network, digits.train(), EPOCHS);
        return Result.of(network, digits, (System.nanoTime() - begun) * 1e-9 / EPOCHS);
    }
}
