package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Execution;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A call of DropBlock.
 *
 * @param layer how blocks are dropped
 * @param call what is called
 * @param stored whether a stored mask decides
 * @param inPlace whether the output is the input
 * @param dtype type of the elements
 * @param shape extents of input and output, (N, C, …)
 * @param units bits of a mask
 * @param state what decides, unless a mask is stored
 * @param firstSample index of the first sample
 * @param rows entries that can be computed apart, or 0
 */
record VerifyBlocks(
        DropBlock layer,
        Draw call,
        boolean stored,
        boolean inPlace,
        DType dtype,
        long[] shape,
        long units,
        PhiloxState state,
        long firstSample,
        long rows)
        implements VerifySubject {

    static VerifySubject random(VerifyRandom random, int dimensions) {
        long[] shape = random.images(dimensions);
        int least = (int) Arrays.stream(shape).skip(2).min().orElseThrow();
        boolean shared = random.coin();
        DropBlock.Factor factor = random.pick(DropBlock.Factor.values());
        DropBlock layer =
                new DropBlock(dimensions, random.p(), 1 + random.below(Math.min(least, 7)))
                        .with(random.pick(DropBlock.Centres.values()))
                        .with(factor)
                        .sharedByChannels(shared);
        Draw call = random.oneIn(4) ? Draw.MASK : random.pick(Draw.FORWARD, Draw.BACKWARD);
        boolean stored = call != Draw.MASK && random.oneIn(4);
        long size = Shapes.product(shape);
        return new VerifyBlocks(
                layer,
                call,
                stored,
                random.oneIn(3),
                random.dtype(),
                shape,
                shared && size > 0 ? size / shape[1] : size,
                random.state(),
                random.coin() ? 0 : random.bits() >>> 32,
                factor == DropBlock.Factor.REALISED || call == Draw.MASK || stored
                        ? 0
                        : shape[0]);
    }

    @Override
    public List<VerifyOperand> operands() {
        List<VerifyOperand> operands =
                new ArrayList<>(call.operands(dtype, shape, units, inPlace));
        if (stored) {
            operands.add(VerifyOperand.mask(units));
        }
        return operands;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        DropBlock on = layer.with(execution);
        Tensor x = memory.tensor("x");
        MaskSource source = memory.source(state, units);
        long first = stored ? 0 : firstSample + row;
        switch (call) {
            case FORWARD -> on.forward(x, memory.tensor("y"), source, first);
            case BACKWARD -> on.backward(x, memory.tensor("y"), source, first);
            case MASK -> {
                try (Arena arena = Arena.ofConfined()) {
                    memory.segment("bits")
                            .copyFrom(on.mask(arena, x, state, first).segment());
                }
            }
        }
    }

    @Override
    public String toString() {
        return layer + " " + call + " " + dtype + ", "
                + (stored
                        ? "stored mask"
                        : "seed=" + state.seed() + " offset=" + state.offset() + " firstSample="
                                + firstSample);
    }
}
