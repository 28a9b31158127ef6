package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.TokenDrop;
import java.util.List;

/**
 * A call of token drop.
 *
 * @param layer how tokens are dropped
 * @param backward whether the backward pass is called
 * @param dtype type of the elements
 * @param shape extents of the whole, (N, T, C)
 * @param state what decides
 * @param firstSample index of the first sample
 */
record VerifyTokens(
        TokenDrop layer,
        boolean backward,
        DType dtype,
        long[] shape,
        PhiloxState state,
        long firstSample)
        implements VerifySubject {

    static VerifySubject random(VerifyRandom random) {
        long[] shape = random.batch(3);
        return new VerifyTokens(
                new TokenDrop(random.p(), random.below((int) Math.min(4, shape[1] + 1))),
                random.coin(),
                random.dtype(),
                shape,
                random.state(),
                random.coin() ? 0 : random.bits() >>> 32);
    }

    @Override
    public List<VerifyOperand> operands() {
        long[] some = shape.clone();
        some[1] = layer.kept(Math.toIntExact(shape[1]));
        return backward
                ? List.of(
                        VerifyOperand.input("some", dtype, some),
                        VerifyOperand.output("all", null, dtype, shape))
                : List.of(
                        VerifyOperand.input("all", dtype, shape),
                        VerifyOperand.output("some", null, dtype, some));
    }

    @Override
    public long rows() {
        return shape[0];
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        Tensor all = memory.tensor("all");
        Tensor some = memory.tensor("some");
        int samples = Math.toIntExact(all.extent(0));
        int tokens = Math.toIntExact(all.extent(1));
        long[] indices = layer.indices(samples, tokens, state, firstSample + row);
        if (backward) {
            layer.with(execution).backward(some, all, indices);
        } else {
            layer.with(execution).forward(all, some, indices);
        }
    }

    @Override
    public String toString() {
        return layer + (backward ? " backward " : " forward ") + dtype + ", seed=" + state.seed()
                + " offset=" + state.offset() + " firstSample=" + firstSample;
    }
}
