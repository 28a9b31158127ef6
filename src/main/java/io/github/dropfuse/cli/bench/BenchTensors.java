package io.github.dropfuse.cli.bench;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Shapes;
import java.lang.foreign.Arena;
import java.util.function.LongFunction;

/**
 * What a kernel is timed on; all of one type and size.
 *
 * @param x the input
 * @param y the output, in place also the input, or what is added to
 * @param second what is added to, or another input
 * @param arena owns more memory
 * @param vectors makes vectors of some length where the tensors are
 * @param masks makes masks of some units there
 */
public record BenchTensors(
        Tensor x,
        Tensor y,
        Tensor second,
        Arena arena,
        LongFunction<Tensor> vectors,
        LongFunction<Mask> masks) {
    /** Parts for a kernel: as many samples of its own as there are. */
    public BenchTensors forKernel(BenchKernel kernel, boolean inPlace) {
        long size = x.size() / kernel.sample() * kernel.sample();
        Tensor output = Shapes.part(y, size);
        return new BenchTensors(
                inPlace && !kernel.adds() ? output : Shapes.part(x, size),
                output,
                inPlace && kernel.adds() ? output : Shapes.part(second, size),
                arena,
                vectors,
                masks);
    }
}
