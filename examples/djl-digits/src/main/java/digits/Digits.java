package digits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** The images, 0 to 1, and their labels: some to train on, the last {@value #TEST} to test with. */
record Digits(NDArray trainImages, NDArray trainLabels, NDArray testImages, NDArray testLabels) {
    static final int CLASSES = 10;
    static final int TEST = 797;
    static final Shape IMAGE = new Shape(1, 8, 8);

    /**
     * Reads the images and draws those to train on.
     *
     * @param manager owns the arrays
     * @param count how many images to train on, up to 1000
     * @param wrong share of these that get a label drawn at random
     * @param seed decides which images, and which labels
     */
    static Digits draw(NDManager manager, int count, double wrong, long seed) throws IOException {
        NDArray images = read(manager, "/digits-images.npy").div(16).expandDims(1);
        NDArray labels = read(manager, "/digits-labels.npy");
        int pool = Math.toIntExact(labels.size()) - TEST;
        Random random = new Random(seed);
        int[] order = IntStream.range(0, pool).toArray();
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(pool - i);
            int chosen = order[j];
            order[j] = order[i];
            order[i] = chosen;
        }
        NDArray chosen = manager.create(Arrays.copyOf(order, count));
        float[] given = labels.get(chosen).toFloatArray();
        for (int i = 0; i < Math.round(wrong * count); i++) {
            given[i] = random.nextInt(CLASSES);
        }
        return new Digits(
                images.get(chosen),
                manager.create(given),
                images.get(pool + ":"),
                labels.get(pool + ":"));
    }

    private static NDArray read(NDManager manager, String name) throws IOException {
        try (InputStream in = Digits.class.getResourceAsStream(name)) {
            return NDList.decode(manager, in.readAllBytes())
                    .singletonOrThrow()
                    .toType(DataType.FLOAT32, false);
        }
    }
}
