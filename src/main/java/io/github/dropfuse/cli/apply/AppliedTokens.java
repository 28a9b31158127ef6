package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.TokenDrop;

/** Token drop, by samples; its output has another shape than its input. */
final class AppliedTokens extends AppliedLayer {
    private final TokenDrop layer;
    private final DrawOptions draw;
    private final boolean backward;
    private final int tokens;
    private DType dtype;
    private long samples;

    /** For an input of a shape, of the gradient of the output if backward. */
    AppliedTokens(
            TokenDrop layer, DrawOptions draw, boolean backward, int gradientTokens, long[] shape) {
        if (shape.length != 3) {
            throw new UsageException(
                    "IN.npy has rank " + shape.length
                            + ", allowed with tokendrop is 3: (N, T, C)");
        }
        if (!backward && shape[1] > Integer.MAX_VALUE) {
            throw new UsageException(
                    "IN.npy has " + shape[1] + " tokens, allowed are up to " + Integer.MAX_VALUE);
        }
        this.layer = layer;
        this.draw = draw;
        this.backward = backward;
        this.tokens = backward ? gradientTokens : (int) shape[1];
        if (backward && shape[1] != layer.kept(tokens)) {
            throw new UsageException(
                    "IN.npy has " + shape[1] + " tokens, allowed with --tokens " + tokens + " are "
                            + layer.kept(tokens) + ", those that are kept");
        }
    }

    @Override
    long[] outputShape(long[] shape) {
        return new long[] {shape[0], backward ? tokens : layer.kept(tokens), shape[2]};
    }

    @Override
    void begin(Tensor whole) {
        draw.checkSamples(whole, Long.MAX_VALUE);
        dtype = whole.dtype();
        samples = whole.extent(0);
    }

    @Override
    void apply(Tensor in, Tensor out, long from) {
        int count = Math.toIntExact(in.extent(0));
        long[] indices = layer.indices(count, tokens, draw.state(), draw.start() + from);
        if (backward) {
            layer.backward(in, out, indices);
        } else {
            layer.forward(in, out, indices);
        }
    }

    @Override
    String outcome() {
        return kept(samples * layer.kept(tokens), samples * tokens, 1.0, dtype);
    }
}
