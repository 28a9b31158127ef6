package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;
import io.github.dropfuse.cli.common.MaskStream;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.layer.UnitDropout;
import java.io.IOException;

/** A layer whose units are decided by the mask contract. */
final class AppliedUnits extends AppliedLayer {
    /** A pass over some entries, of which the first unit's index is given. */
    @FunctionalInterface
    interface Pass {
        void run(Tensor in, Tensor out, long from, long start);
    }

    private final UnitDropout layer;
    private final double scale;
    private final DrawOptions draw;
    private final Pass pass;
    private boolean flat;
    private boolean whole;
    private long bytesBeside;
    private EntryUnits units;
    private DType dtype;
    private long kept;

    AppliedUnits(UnitDropout layer, double scale, DrawOptions draw, Pass pass) {
        this.layer = layer;
        this.scale = scale;
        this.draw = draw;
        this.pass = pass;
    }

    /** Units are elements, so that dimensions do not matter. */
    AppliedUnits flat(boolean isFlat) {
        flat = isFlat;
        return this;
    }

    /** The first dimension cannot be cut. */
    AppliedUnits whole(boolean isWhole) {
        whole = isWhole;
        return this;
    }

    AppliedUnits bytesBeside(long bytes) {
        bytesBeside = bytes;
        return this;
    }

    @Override
    long[] view(long[] shape) {
        return flat ? flat(shape) : shape;
    }

    @Override
    boolean isCut() {
        return !whole;
    }

    @Override
    void begin(Tensor all) {
        units = EntryUnits.of(layer, all);
        dtype = all.dtype();
        draw.checkUnits(units.total());
    }

    @Override
    void apply(Tensor in, Tensor out, long from) {
        pass.run(in, out, from, start(from));
    }

    @Override
    void count(Tensor out, long from, Progress progress) throws IOException {
        if (!units.repeats(from)) {
            kept +=
                    MaskStream.kept(
                            layer.p(), draw.state(), start(from), layer.units(out),
                            layer.execution(), progress);
        }
    }

    private long start(long from) {
        return draw.start() + from * units.each();
    }

    @Override
    long counted() {
        return units.total();
    }

    @Override
    long bytesBeside() {
        return bytesBeside;
    }

    @Override
    String outcome() {
        return kept(kept, units.total(), scale, dtype);
    }
}
