package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.Units;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A call in the way of PyTorch.
 *
 * @param stream which of its ways
 * @param layer the layer where it is to be computed
 * @param call what is called
 * @param inPlace whether the output is the input
 * @param dtype type of the elements
 * @param shape extents of input and output
 * @param units how many decisions there are
 * @param seed what the generator is seeded with
 * @param skipped outputs of the generator before the call
 * @param rows entries that can be computed apart, or 0
 */
record VerifyTorch(
        TorchStream stream,
        Function<Execution, ScaledDropout> layer,
        Draw call,
        boolean inPlace,
        DType dtype,
        long[] shape,
        long units,
        long seed,
        long skipped,
        long rows)
        implements VerifySubject {

    static VerifySubject random(VerifyRandom random, TorchStream stream) {
        double p = random.p();
        Scaling scaling = random.pick(Scaling.values());
        long[] shape = random.shape(2 + random.below(2));
        long size = Shapes.product(shape);
        Draw call = random.pick(Draw.values());
        int kind = random.below(3);
        return new VerifyTorch(
                stream,
                switch (kind) {
                    case 0 -> on -> new Dropout(p, scaling).with(on);
                    case 1 -> on -> new DropPath(p, DropPath.Mode.ROW, scaling).with(on);
                    default -> on -> new Dropout(p, scaling, Units.channels()).with(on);
                },
                call,
                random.oneIn(3),
                random.dtype(),
                shape,
                size == 0 ? 0 : kind == 0 ? size : kind == 1 ? shape[0] : shape[0] * shape[1],
                random.bits(),
                random.below(2000),
                call == Draw.MASK ? 0 : shape[0]);
    }

    @Override
    public List<VerifyOperand> operands() {
        List<VerifyOperand> operands =
                new ArrayList<>(call.operands(dtype, shape, units, inPlace));
        if (call != Draw.BACKWARD) {
            operands.add(VerifyOperand.generator("generator"));
        }
        return operands;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        ScaledDropout on = layer.apply(execution);
        TorchGenerator generator = TorchGenerator.seeded(seed);
        generator.advance(skipped + (rows == 0 ? 0 : row * (units / rows) * outputs(on.p())));
        Tensor x = memory.tensor("x");
        switch (call) {
            case FORWARD -> on.forward(x, memory.tensor("y"), generator, stream);
            case BACKWARD -> on.backward(x, memory.tensor("y"), generator.state(), stream);
            case MASK -> {
                try (Arena arena = Arena.ofConfined()) {
                    memory.segment("bits")
                            .copyFrom(on.mask(arena, x, generator, stream).segment());
                }
            }
        }
        if (call != Draw.BACKWARD) {
            save(generator.state(), memory.segment("generator"));
        }
    }

    /** What PyTorch draws for a unit. */
    private int outputs(double p) {
        if (stream == TorchStream.DROPOUT) {
            return p == 0 || p == 1 ? 0 : 2;
        }
        return dtype == DType.FLOAT64 ? 2 : 1;
    }

    private static void save(TorchState state, MemorySegment to) {
        int[] words = state.words();
        MemorySegment.copy(words, 0, to, ValueLayout.JAVA_INT_UNALIGNED, 0, words.length);
        to.set(
                ValueLayout.JAVA_INT_UNALIGNED, (long) words.length * Integer.BYTES, state.used());
    }

    @Override
    public String toString() {
        return layer.apply(Execution.automatic()) + " "
                + call + " " + dtype + ", seed=" + seed
                + " skipped=" + skipped;
    }
}
