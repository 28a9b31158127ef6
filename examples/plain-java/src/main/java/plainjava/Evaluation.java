package plainjava;

import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;

/** How well parameters do on some digits, with nothing dropped. */
final class Evaluation {
    private final Network network;
    private final int[] labels;

    /**
     * What was found.
     *
     * @param loss mean cross-entropy
     * @param percent how many of the digits were recognised
     */
    record Score(double loss, double percent) {}

    Evaluation(Arena arena, Settings settings, Digits digits) {
        network = new Network(arena, settings, digits.count());
        network.images().copyFrom(digits.images());
        labels = digits.labels();
    }

    Score of(Tensor parameters) {
        Tensor logits = network.infer(parameters);
        double loss = 0;
        int correct = 0;
        for (int row = 0; row < labels.length; row++) {
            double[] probabilities = CrossEntropy.softmax(logits, row);
            loss -= StrictMath.log(probabilities[labels[row]]);
            int answer = 0;
            for (int c = 1; c < probabilities.length; c++) {
                answer = probabilities[c] > probabilities[answer] ? c : answer;
            }
            correct += answer == labels[row] ? 1 : 0;
        }
        return new Score(loss / labels.length, 100.0 * correct / labels.length);
    }
}
