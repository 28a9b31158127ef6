package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.Dropout;
import java.lang.foreign.Arena;

/** DropBlock, by samples; as a whole where its factor is that of the whole. */
final class AppliedBlocks extends AppliedLayer {
    private final DropBlock layer;
    private final DropBlock.Factor factor;
    private final DrawOptions draw;
    private final boolean backward;
    private DType dtype;
    private long kept;
    private long total;

    AppliedBlocks(
            DropBlock layer, DropBlock.Factor factor, DrawOptions draw, boolean backward) {
        this.layer = layer;
        this.factor = factor;
        this.draw = draw;
        this.backward = backward;
    }

    @Override
    boolean isCut() {
        return factor != DropBlock.Factor.REALISED;
    }

    @Override
    void begin(Tensor whole) {
        long units = layer.units(whole);
        draw.checkSamples(
                whole, units == 0 ? Long.MAX_VALUE : Long.MAX_VALUE / (units / whole.extent(0)));
        dtype = whole.dtype();
    }

    @Override
    void apply(Tensor in, Tensor out, long from) {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = layer.mask(arena, out, draw.state(), draw.start() + from);
            if (backward) {
                layer.backward(in, out, mask);
            } else {
                layer.forward(in, out, mask);
            }
            kept += mask.kept();
            total += mask.units();
        }
    }

    @Override
    String outcome() {
        return kept(kept, total, scale(), dtype);
    }

    private double scale() {
        return switch (factor) {
            case EXPECTED -> new Dropout(layer.p()).trainingScale();
            case REALISED -> kept == 0 ? 0.0 : (double) total / kept;
            case NONE -> 1.0;
        };
    }
}
