package plainjava;

import io.github.dropfuse.Tensor;

/** The loss: the mean of {@code -log(softmax(logits)[label])}. */
final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Turns the logits of some rows of a batch into their gradients.
     *
     * @param labels of the whole batch
     * @param start index of the first row in the batch
     */
    static void backward(Tensor logits, int[] labels, int start) {
        int classes = (int) logits.extent(1);
        for (int row = 0; row < logits.extent(0); row++) {
            double[] gradient = softmax(logits, row);
            gradient[labels[start + row]] -= 1;
            for (int c = 0; c < classes; c++) {
                logits.set(row * classes + c, gradient[c] / labels.length);
            }
        }
    }

    /** The classes' probabilities, in float64. StrictMath has the same bits on every machine. */
    static double[] softmax(Tensor logits, int row) {
        double[] values = new double[(int) logits.extent(1)];
        double greatest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < values.length; c++) {
            values[c] = logits.get((long) row * values.length + c);
            greatest = Math.max(greatest, values[c]);
        }
        double sum = 0;
        for (int c = 0; c < values.length; c++) {
            values[c] = StrictMath.exp(values[c] - greatest);
            sum += values[c];
        }
        for (int c = 0; c < values.length; c++) {
            values[c] /= sum;
        }
        return values;
    }
}
