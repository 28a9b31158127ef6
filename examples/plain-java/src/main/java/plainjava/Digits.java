package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images of handwritten digits.
 *
 * @param images a row of 64 pixels for each, 0 to 1
 * @param labels the digit that each shows
 */
record Digits(Tensor images, int[] labels) {
    static final int PIXELS = 64;
    static final int CLASSES = 10;
    private static final int FULL_INK = 16;

    static Digits load(Arena arena) {
        NpyFile imageFile = resource("/digits-images.npy");
        NpyFile labelFile = resource("/digits-labels.npy");
        int count = (int) labelFile.header().size();
        Tensor images = Tensor.allocate(arena, DType.FLOAT32, count, PIXELS);
        imageFile.read(0, images);
        for (long i = 0; i < images.size(); i++) {
            images.set(i, images.get(i) / FULL_INK);
        }
        Tensor labels = Tensor.allocate(arena, DType.FLOAT32, count);
        labelFile.read(0, labels);
        return new Digits(
                images, IntStream.range(0, count).map(i -> (int) labels.get(i)).toArray());
    }

    private static NpyFile resource(String name) {
        try (InputStream in = Digits.class.getResourceAsStream(name)) {
            byte[] content = Objects.requireNonNull(in, name).readAllBytes();
            return NpyFile.of(MemorySegment.ofArray(content), name);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }

    int count() {
        return labels.length;
    }

    /** The digits whose index has a property, copied. */
    Digits where(Arena arena, IntPredicate chosen) {
        int[] rows = IntStream.range(0, count()).filter(chosen).toArray();
        Tensor part = Tensor.allocate(arena, DType.FLOAT32, rows.length, PIXELS);
        copyImages(rows, 0, part);
        return new Digits(part, IntStream.of(rows).map(row -> labels[row]).toArray());
    }

    /** Fills a tensor with the images {@code rows[from]}, {@code rows[from + 1]} and so on. */
    void copyImages(int[] rows, int from, Tensor target) {
        for (int i = 0; i < target.extent(0); i++) {
            int row = rows[from + i];
            target.slice(i, i + 1).copyFrom(images.slice(row, row + 1));
        }
    }
}
