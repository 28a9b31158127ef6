package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.Channels;
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
        long[] shape = random.shape(2 + random.below(3));
        if (random.oneIn(4)) {
            DropPath path = random.dropPath();
            return of(random, stream, path::with, shape, path.mode() == DropPath.Mode.ROW);
        }
        long[] noise = random.noiseShape(shape);
        int kind = random.below(3);
        Units units =
                switch (kind) {
                    case 0 -> Units.elements();
                    case 1 ->
                            Units.channels(shape.length - 2, random.pick(Channels.values()));
                    default -> Units.noiseShape(noise);
                };
        Dropout dropout = new Dropout(random.p(), random.pick(Scaling.values()), units);
        boolean bySample = noise.length == shape.length && noise[0] == -1;
        return of(random, stream, dropout::with, shape, kind < 2 || bySample);
    }

    private static VerifySubject of(
            VerifyRandom random,
            TorchStream stream,
            Function<Execution, ScaledDropout> layer,
            long[] shape,
            boolean canBeCut) {
        Draw call = random.pick(Draw.values());
        return new VerifyTorch(
                stream,
                layer,
                call,
                random.oneIn(3),
                random.dtype(),
                shape,
                VerifySubject.units(layer.apply(Execution.automatic()), shape),
                random.bits(),
                random.below(2000),
                call == Draw.MASK || !canBeCut ? 0 : shape[0]);
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
        long before = rows == 0 ? 0 : row * (units / rows);
        generator.advance(skipped + before * stream.outputs(dtype, on.p()));
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
