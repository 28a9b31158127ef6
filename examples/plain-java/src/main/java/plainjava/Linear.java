package plainjava;

import static plainjava.Vectors.FLOAT;

import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * A dense layer, {@code y = x W + b}. Its parameters lie in a tensor with those of all layers, W
 * row-major in shape (in, out) and then b; their gradients lie in another one at the same place.
 *
 * <p>Each sum has a fixed order, which knows nothing of how many rows there are besides.
 *
 * @param offset where W begins, in elements
 * @param in length of x's rows
 * @param out length of y's rows
 */
record Linear(int offset, int in, int out) {
    /** Where the parameters end, in elements. */
    int end() {
        return bias() + out;
    }

    private int bias() {
        return offset + in * out;
    }

    /** He's initialisation times {@code gain}, uniform; the bias is left as it is. */
    void initialise(Tensor parameters, RandomGenerator random, double gain) {
        double bound = gain * StrictMath.sqrt(6.0 / in);
        for (int i = offset; i < bias(); i++) {
            parameters.set(i, random.nextDouble(-1, 1) * bound);
        }
    }

    void forward(Tensor parameters, Tensor x, Tensor y) {
        MemorySegment p = parameters.segment();
        MemorySegment xs = x.segment();
        MemorySegment ys = y.segment();
        for (int row = 0; row < x.extent(0); row++) {
            MemorySegment.copy(p, FLOAT, 4L * bias(), ys, FLOAT, 4L * row * out, out);
            for (int i = 0; i < in; i++) {
                addScaled(xs.getAtIndex(FLOAT, row * in + i), p, offset + i * out, ys, row * out);
            }
        }
    }

    /** Adds the parameters' gradient to {@code gradient}, and x's to {@code dx}. */
    void backward(Tensor parameters, Tensor x, Tensor dy, Tensor gradient, Tensor dx) {
        parameterGradient(x, dy, gradient);
        MemorySegment p = parameters.segment();
        MemorySegment dys = dy.segment();
        MemorySegment dxs = dx.segment();
        for (int row = 0; row < x.extent(0); row++) {
            for (int i = 0; i < in; i++) {
                float sum = dxs.getAtIndex(FLOAT, row * in + i);
                for (int o = 0; o < out; o++) {
                    sum += dys.getAtIndex(FLOAT, row * out + o)
                            * p.getAtIndex(FLOAT, offset + i * out + o);
                }
                dxs.setAtIndex(FLOAT, row * in + i, sum);
            }
        }
    }

    /** Adds the parameters' gradient alone, where nobody asks for x's. */
    void parameterGradient(Tensor x, Tensor dy, Tensor gradient) {
        MemorySegment xs = x.segment();
        MemorySegment dys = dy.segment();
        MemorySegment g = gradient.segment();
        for (int row = 0; row < x.extent(0); row++) {
            for (int i = 0; i < in; i++) {
                addScaled(xs.getAtIndex(FLOAT, row * in + i), dys, row * out, g, offset + i * out);
            }
            addScaled(1, dys, row * out, g, bias());
        }
    }

    /** {@code to[t..] += factor * from[f..]}, for {@code out} elements. */
    private void addScaled(float factor, MemorySegment from, int f, MemorySegment to, int t) {
        for (int o = 0; o < out; o++) {
            float sum = to.getAtIndex(FLOAT, t + o) + factor * from.getAtIndex(FLOAT, f + o);
            to.setAtIndex(FLOAT, t + o, sum);
        }
    }
}
