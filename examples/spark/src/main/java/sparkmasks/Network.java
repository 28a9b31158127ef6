package sparkmasks;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Random;

/** Logistic output on one hidden layer of rectifiers, whose units are dropped in training. */
final class Network implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int HIDDEN = 64;
    private static final int HIDDEN_WEIGHTS = HIDDEN * Samples.COLUMNS;

    /** Index of the loss among a step's sums. */
    private static final int LOSS = HIDDEN_WEIGHTS + HIDDEN;

    private final double p;

    /** Those of the hidden layer, row by row, then those of the output. */
    private final float[] weights = new float[HIDDEN_WEIGHTS + HIDDEN];

    Network(double p, long seed) {
        this.p = p;
        Random random = new Random(seed);
        for (int i = 0; i < weights.length; i++) {
            int inputs = i < HIDDEN_WEIGHTS ? Samples.COLUMNS : HIDDEN;
            weights[i] = (float) (random.nextGaussian() / Math.sqrt(inputs));
        }
    }

    float[] weights() {
        return weights;
    }

    /**
     * The gradient of the loss, summed over a partition.
     *
     * @param rows in any order
     * @param state the step's mask, whose row i is for the data's row i
     */
    FixedPointSums gradient(Iterator<Sample> rows, PhiloxState state) {
        Dropout dropout = Masking.dropout(p);
        FixedPointSums sums = new FixedPointSums(LOSS + 1);
        float[] hidden = new float[HIDDEN];
        float[] gradient = new float[HIDDEN];
        Tensor h = Tensor.of(hidden, 1, HIDDEN);
        Tensor dh = Tensor.of(gradient, 1, HIDDEN);
        while (rows.hasNext()) {
            Sample row = rows.next();
            float[] x = row.getFeatures();
            for (int u = 0; u < HIDDEN; u++) {
                hidden[u] = Math.max(0, dot(weights, u * x.length, x));
            }
            dropout.forward(h, h, state, row.getIndex());
            float logit = dot(weights, HIDDEN_WEIGHTS, hidden);
            // StrictMath: Math.exp may round otherwise on another machine.
            float error = (float) (1 / (1 + StrictMath.exp(-logit)) - row.getLabel());
            sums.add(LOSS, StrictMath.log1p(StrictMath.exp(row.getLabel() > 0 ? -logit : logit)));

            for (int u = 0; u < HIDDEN; u++) {
                sums.add(HIDDEN_WEIGHTS + u, error * hidden[u]);
                gradient[u] = error * weights[HIDDEN_WEIGHTS + u];
            }
            dropout.backward(dh, dh, state, row.getIndex());
            for (int u = 0; u < HIDDEN; u++) {
                if (hidden[u] > 0) {
                    for (int c = 0; c < x.length; c++) {
                        sums.add(u * x.length + c, gradient[u] * x[c]);
                    }
                }
            }
        }
        return sums;
    }

    /**
     * Goes one step down the gradient.
     *
     * @return the mean loss before it
     */
    double step(FixedPointSums sums, double rate) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] -= (float) (rate / Samples.ROWS * sums.get(i));
        }
        return sums.get(LOSS) / Samples.ROWS;
    }

    private static float dot(float[] weights, int from, float[] x) {
        float sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += weights[from + i] * x[i];
        }
        return sum;
    }
}
