package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.ScaledDropout;
import java.lang.foreign.Arena;

/** A layer whose units PyTorch's generator decides, in a sequence that goes on from part to part. */
final class AppliedStream extends AppliedLayer {
    private final ScaledDropout layer;
    private final boolean flat;
    private final boolean backward;
    private final TorchStream stream;
    private final long calls;
    private final TorchGenerator generator;
    private EntryUnits units;
    private DType dtype;
    private long kept;

    AppliedStream(
            ScaledDropout layer, boolean flat, boolean backward, StreamOptions options, long seed) {
        this.layer = layer;
        this.flat = flat;
        this.backward = backward;
        this.stream = options.stream();
        this.calls = options.calls();
        this.generator = TorchGenerator.seeded(seed);
    }

    @Override
    long[] view(long[] shape) {
        return flat ? flat(shape) : shape;
    }

    @Override
    void begin(Tensor whole) {
        units = EntryUnits.of(layer, whole);
        dtype = whole.dtype();
        long outputs = units.total() * stream.outputs(dtype, layer.p());
        if (outputs > 0 && calls - 1 > Long.MAX_VALUE / outputs) {
            throw new UsageException(
                    "calls is " + calls + ", with " + units.total() + " units allowed are 1 to "
                            + (Long.MAX_VALUE / outputs + 1));
        }
        generator.advance((calls - 1) * outputs);
    }

    @Override
    void apply(Tensor in, Tensor out, long from) {
        TorchState state = generator.state();
        if (backward) {
            layer.backward(in, out, state, stream);
        } else {
            layer.forward(in, out, TorchGenerator.from(state), stream);
        }
    }

    @Override
    void count(Tensor out, long from, Progress progress) {
        if (units.repeats(from)) {
            return;
        }
        TorchState state = generator.state();
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = layer.mask(arena, out, generator, stream);
            kept += mask.kept();
            progress.add(mask.units());
        }
        if (units.each() == 0) {
            generator.restore(state);
        }
    }

    @Override
    long counted() {
        return units.total();
    }

    @Override
    String outcome() {
        return kept(kept, units.total(), layer.trainingScale(), dtype);
    }
}
