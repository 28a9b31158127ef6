package dl4jdigits;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.DataSet;

/** A trained network, on the images and labels that it was trained on and on others. */
record Result(
        double trainLoss,
        double trainAccuracy,
        double testLoss,
        double testAccuracy,
        double secondsAnEpoch) {

    static Result of(ComputationGraph network, Digits digits, double secondsAnEpoch) {
        DataSet train = DataSet.merge(digits.train());
        return new Result(
                network.score(train),
                accuracy(network, train),
                network.score(digits.test()),
                accuracy(network, digits.test()),
                secondsAnEpoch);
    }

    private static double accuracy(ComputationGraph network, DataSet set) {
        Evaluation evaluation = new Evaluation(Digits.CLASSES);
        evaluation.eval(set.getLabels(), network.outputSingle(set.getFeatures()));
        return evaluation.accuracy();
    }

    /** Mean and standard deviation over seeds of each figure, as a row of the table. */
    static String row(List<Result> results) {
        return spread("%7.3f ± %.3f", results, Result::trainLoss)
                + spread("%8.1f ± %.1f", results, r -> 100 * r.trainAccuracy())
                + spread("%9.3f ± %.3f", results, Result::testLoss)
                + spread("%8.1f ± %.1f", results, r -> 100 * r.testAccuracy())
                + spread("%8.1f ± %.1f", results, r -> 1e3 * r.secondsAnEpoch());
    }

    private static String spread(
            String format, List<Result> results, ToDoubleFunction<Result> figure) {
        double mean = results.stream().mapToDouble(figure).average().orElseThrow();
        double squares =
                results.stream().mapToDouble(figure).map(v -> (v - mean) * (v - mean)).sum();
        return String.format(Locale.ROOT, format, mean, Math.sqrt(squares / (results.size() - 1)));
    }
}
