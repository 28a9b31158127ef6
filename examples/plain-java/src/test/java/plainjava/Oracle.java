package plainjava;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DepthRates;
import plainjava.Tape.Value;

/**
 * The network once more, number by number on heap arrays. It knows no backward pass: its gradients
 * are a {@link Tape}'s. Its masks are those of whole batches.
 *
 * <p>Rows and outputs are computed from the last to the first, so that the tape, which goes
 * backwards, adds gradients from the first to the last.
 */
final class Oracle {
    private final Settings settings;
    private final Value[] parameters;
    private final Tape tape = new Tape();
    private int read;

    /** For one block of rows, or for one evaluation. */
    Oracle(Settings settings, float[] parameters) {
        this.settings = settings;
        this.parameters = new Value[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            this.parameters[i] = tape.constant(parameters[i]);
        }
    }

    /**
     * The gradient of the rows from {@code from} to {@code to} of a batch.
     *
     * @param elements the dropout masks of the whole batch, of each block
     * @param samples the DropPath masks of the whole batch, of each block
     */
    float[] gradient(
            float[][] batch, int[] labels, int from, int to, Mask[] elements, Mask[] samples) {
        for (int row = to - 1; row >= from; row--) {
            Value[] logits = logits(batch[row], row, elements, samples);
            double[] probabilities = softmax(logits);
            for (int c = 0; c < logits.length; c++) {
                double target = c == labels[row] ? 1 : 0;
                logits[c].gradient = (float) ((probabilities[c] - target) / batch.length);
            }
        }
        tape.backward();
        float[] gradient = new float[parameters.length];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = parameters[i].gradient;
        }
        return gradient;
    }

    /** The logits of a row; without masks those of the evaluation. */
    Value[] logits(float[] image, int row, Mask[] elements, Mask[] samples) {
        read = 0;
        Value[] x = new Value[image.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = tape.constant(image[i]);
        }
        x = linear(x, settings.width());
        double[] rates = DepthRates.linear(settings.dropPath(), settings.depth());
        for (int block = 0; block < settings.depth(); block++) {
            Value[] hidden = linear(x, settings.width());
            for (int i = 0; i < hidden.length; i++) {
                hidden[i] = tape.relu(hidden[i]);
                if (elements != null) {
                    boolean kept = elements[block].keeps((long) row * hidden.length + i);
                    hidden[i] = kept ? scaled(hidden[i], settings.dropout()) : tape.constant(0);
                }
            }
            Value[] branch = linear(hidden, settings.width());
            boolean kept = samples == null || samples[block].keeps(row);
            for (int i = 0; i < x.length && kept; i++) {
                double rate = samples == null ? 0 : rates[block];
                x[i] = tape.sum(x[i], scaled(branch[i], rate));
            }
        }
        return linear(x, settings.classes());
    }

    private Value scaled(Value value, double p) {
        return tape.product(value, tape.constant((float) (1 / (1 - p))));
    }

    /** The next layer of the parameters. */
    private Value[] linear(Value[] x, int outputs) {
        int weights = read;
        int bias = weights + x.length * outputs;
        read = bias + outputs;
        Value[] y = new Value[outputs];
        for (int o = outputs - 1; o >= 0; o--) {
            y[o] = parameters[bias + o];
            for (int i = 0; i < x.length; i++) {
                y[o] = tape.sum(y[o], tape.product(x[i], parameters[weights + i * outputs + o]));
            }
        }
        return y;
    }

    private static double[] softmax(Value[] logits) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (Value logit : logits) {
            greatest = Math.max(greatest, logit.value);
        }
        double sum = 0;
        for (Value logit : logits) {
            sum += StrictMath.exp(logit.value - greatest);
        }
        double[] probabilities = new double[logits.length];
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = StrictMath.exp(logits[c].value - greatest) / sum;
        }
        return probabilities;
    }
}
