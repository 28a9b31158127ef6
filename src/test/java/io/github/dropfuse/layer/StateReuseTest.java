package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is documented as the use of a state that is kept: DropConnect, locked, Monte-Carlo. */
class StateReuseTest {
    private static float[] ones(int size) {
        float[] values = new float[size];
        Arrays.fill(values, 1);
        return values;
    }

    /** Keras's locked dropout: each step of a sequence has the mask of the first. */
    @Test
    void oneStateLocksTheMaskOfAllSteps() {
        Dropout dropout = new Dropout(0.5);
        PhiloxState state = Generator.seeded(1).next();
        float[] first = ones(64);
        dropout.forward(Tensor.of(first, 64), Tensor.of(first, 64), state);
        float[] whole = ones(10 * 64);
        for (int step = 0; step < 10; step++) {
            float[] y = ones(64);
            dropout.forward(Tensor.of(y, 64), Tensor.of(y, 64), state);
            assertArrayEquals(first, y, "step " + step);
        }
        Dropout locked = new Dropout(0.5, Scaling.IN_TRAINING, Units.noiseShape(1, 64));
        locked.forward(Tensor.of(whole, 10, 64), Tensor.of(whole, 10, 64), state);
        for (int step = 0; step < 10; step++) {
            assertArrayEquals(first, Arrays.copyOfRange(whole, step * 64, step * 64 + 64));
        }
    }

    /** y = (drop(W)) x, and the gradient of W by the same decisions. */
    @Test
    void dropConnectDropsWeights() {
        Dropout dropConnect = new Dropout(0.25);
        PhiloxState state = Generator.seeded(2).next();
        float[] weights = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        float[] used = new float[12];
        dropConnect.forward(Tensor.of(weights, 3, 4), Tensor.of(used, 3, 4), state);
        float[] gradient = ones(12);
        dropConnect.backward(Tensor.of(gradient, 3, 4), Tensor.of(gradient, 3, 4), state);
        int dropped = 0;
        for (int i = 0; i < 12; i++) {
            assertEquals(used[i] == 0, gradient[i] == 0);
            assertEquals(weights[i] * gradient[i], used[i]);
            dropped += used[i] == 0 ? 1 : 0;
        }
        assertNotEquals(0, dropped);
        assertNotEquals(12, dropped);
    }

    /** The mean of Monte-Carlo samples is the input, and the samples can be had again. */
    @Test
    void monteCarloSamplesAverageToTheInput() {
        Dropout dropout = new Dropout(0.3);
        int samples = 20_000;
        double[] mean = new double[8];
        Generator generator = Generator.seeded(3);
        float[] last = null;
        PhiloxState lastState = null;
        for (int sample = 0; sample < samples; sample++) {
            last = ones(8);
            lastState = generator.next();
            dropout.forward(Tensor.of(last, 8), Tensor.of(last, 8), lastState);
            for (int e = 0; e < 8; e++) {
                mean[e] += last[e];
            }
        }
        double sigma = Math.sqrt(0.3 / 0.7 / samples);
        for (double sum : mean) {
            assertEquals(1, sum / samples, 4.5 * sigma);
        }
        float[] again = ones(8);
        dropout.forward(Tensor.of(again, 8), Tensor.of(again, 8), lastState);
        assertArrayEquals(last, again);
    }
}
