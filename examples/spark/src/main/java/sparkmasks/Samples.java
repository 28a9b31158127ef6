package sparkmasks;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Made-up data: normal features, and a label that depends on the product of two of their sums. */
final class Samples {
    static final int ROWS = 2000;
    static final int COLUMNS = 32;

    private Samples() {}

    static List<Sample> all() {
        return IntStream.range(0, ROWS).mapToObj(Samples::at).toList();
    }

    private static Sample at(int index) {
        Random random = new Random(index);
        float[] features = new float[COLUMNS];
        float left = 0;
        float right = 0;
        for (int c = 0; c < COLUMNS; c++) {
            features[c] = (float) random.nextGaussian();
            if (c % 2 == 0) {
                left += features[c];
            } else {
                right += features[c];
            }
        }
        return new Sample(index, left * right > 0 ? 1 : 0, features);
    }
}
