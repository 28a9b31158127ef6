package plainjava;

import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Arithmetic on tensors of float32, in the order of their elements. */
final class Vectors {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private Vectors() {}

    /** {@code y = scale * y + factor * x}. */
    static void combine(float scale, Tensor y, float factor, Tensor x) {
        MemorySegment ys = y.segment();
        MemorySegment xs = x.segment();
        for (int i = 0; i < y.size(); i++) {
            float sum = scale * ys.getAtIndex(FLOAT, i) + factor * xs.getAtIndex(FLOAT, i);
            ys.setAtIndex(FLOAT, i, sum);
        }
    }

    /** {@code y = max(y, 0)}. */
    static void relu(Tensor y) {
        MemorySegment ys = y.segment();
        for (int i = 0; i < y.size(); i++) {
            ys.setAtIndex(FLOAT, i, Math.max(ys.getAtIndex(FLOAT, i), 0));
        }
    }

    /**
     * The gradient of {@link #relu}, in place: 0 where its output is.
     *
     * @param y the output, which may have gone through dropout since: where dropout made a 0, the
     *     gradient is 0 already
     */
    static void reluBackward(Tensor y, Tensor gradient) {
        MemorySegment ys = y.segment();
        MemorySegment gradients = gradient.segment();
        for (int i = 0; i < y.size(); i++) {
            if (ys.getAtIndex(FLOAT, i) <= 0) {
                gradients.setAtIndex(FLOAT, i, 0);
            }
        }
    }
}
