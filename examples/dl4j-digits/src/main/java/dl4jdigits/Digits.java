package dl4jdigits;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images of handwritten digits, as rows of 64 pixels of 0 to 1.
 *
 * @param train 200 images in batches, of which 15 % have a label drawn at random
 * @param test all others, with their own labels
 */
record Digits(List<DataSet> train, DataSet test) {
    static final int PIXELS = 64;
    static final int CLASSES = 10;
    static final int TRAIN = 200;
    private static final double NOISE = 0.15;
    private static final int BATCH = 40;
    private static final float FULL_INK = 16;

    static Digits load() {
        float[] pixels = read("/digits-images.npy");
        float[] digits = read("/digits-labels.npy");
        Random random = new Random(7);
        INDArray images = Nd4j.create(DataType.FLOAT, digits.length, PIXELS);
        INDArray labels = Nd4j.create(DataType.FLOAT, digits.length, CLASSES);
        for (int i = 0; i < digits.length; i++) {
            for (int pixel = 0; pixel < PIXELS; pixel++) {
                images.putScalar(i, pixel, pixels[i * PIXELS + pixel] / FULL_INK);
            }
            boolean noisy = i < TRAIN && random.nextDouble() < NOISE;
            labels.putScalar(i, noisy ? random.nextInt(CLASSES) : (int) digits[i], 1);
        }
        DataSet all = new DataSet(images, labels);
        DataSet train = (DataSet) all.getRange(0, TRAIN);
        return new Digits(train.batchBy(BATCH), (DataSet) all.getRange(TRAIN, digits.length));
    }

    private static float[] read(String name) {
        try (InputStream in = Digits.class.getResourceAsStream(name)) {
            byte[] content = Objects.requireNonNull(in, name).readAllBytes();
            NpyFile file = NpyFile.of(MemorySegment.ofArray(content), name);
            float[] values = new float[(int) file.header().size()];
            file.read(0, Tensor.of(values, values.length));
            return values;
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }
}
