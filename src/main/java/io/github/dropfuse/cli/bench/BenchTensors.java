package io.github.dropfuse.cli.bench;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Shapes;
import java.util.function.LongFunction;

/**
 * What a kernel is timed on; all of one type and size.
 *
 * @param x the input
 * @param y the output, in place the input too; of kernels that add, in place the residual too
 * @param residual what is added to
 * @param vectors makes vectors of some length where the tensors are
 * @param masks makes masks of some units there
 */
record BenchTensors(
        Tensor x,
        Tensor y,
        Tensor residual,
        LongFunction<Tensor> vectors,
        LongFunction<Mask> masks) {
    /** Parts for a kernel, which is as many samples of its own as there are. */
    BenchTensors forKernel(BenchKernel kernel, boolean inPlace) {
        long size = x.size() / kernel.run() * kernel.run();
        Tensor output = y.slice(0, size);
        return new BenchTensors(
                inPlace && !kernel.adds() ? output : x.slice(0, size),
                output,
                inPlace || !kernel.adds() ? output : residual.slice(0, size),
                vectors,
                masks);
    }

    /** A mask with a bit for each element. */
    Mask mask() {
        return masks.apply(x.size());
    }

    /** A bias or γ of some length, zeros. */
    Tensor vector(long length) {
        return vectors.apply(length);
    }

    /** The same memory in samples of the given extents. */
    BenchTensors samples(long... sample) {
        return new BenchTensors(
                samples(x, sample), samples(y, sample), samples(residual, sample), vectors, masks);
    }

    long count() {
        return x.extent(0);
    }

    private static Tensor samples(Tensor tensor, long... sample) {
        long[] shape = new long[sample.length + 1];
        System.arraycopy(sample, 0, shape, 1, sample.length);
        shape[0] = tensor.size() / Shapes.product(sample);
        return tensor.reshape(shape);
    }
}
