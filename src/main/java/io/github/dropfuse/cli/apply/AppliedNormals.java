package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.DrawOptions;

/** A layer that multiplies by, or adds, a normal number for each element, and drops nothing. */
final class AppliedNormals extends AppliedLayer {
    /** A pass over some elements, of which the first one's index is given. */
    @FunctionalInterface
    interface Pass {
        void run(Tensor in, Tensor out, long start);
    }

    private final double sigma;
    private final DrawOptions draw;
    private final Pass pass;
    private String outcome;

    AppliedNormals(double sigma, DrawOptions draw, Pass pass) {
        this.sigma = sigma;
        this.draw = draw;
        this.pass = pass;
    }

    @Override
    long[] view(long[] shape) {
        return flat(shape);
    }

    @Override
    void begin(Tensor whole) {
        draw.checkUnits(whole.size());
        outcome = "total=" + whole.size() + " sigma=" + number(sigma, whole.dtype());
    }

    @Override
    void apply(Tensor in, Tensor out, long from) {
        pass.run(in, out, draw.start() + from);
    }

    @Override
    String outcome() {
        return outcome;
    }
}
