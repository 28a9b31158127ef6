package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import java.util.List;

/**
 * A call of a layer that multiplies with normal numbers or adds them.
 *
 * @param multiplies whether it is GaussianDropout, or else GaussianNoise
 * @param strength p of the former, sigma of the latter
 * @param pass what is called
 * @param dtype type of the elements
 * @param shape extents of input and output
 * @param source what the numbers are drawn from
 * @param inPlace whether the output is the input
 */
record VerifyNormals(
        boolean multiplies,
        double strength,
        Pass pass,
        DType dtype,
        long[] shape,
        VerifySource source,
        boolean inPlace)
        implements VerifySubject {

    static VerifySubject dropout(VerifyRandom random) {
        return of(random, true, Math.min(random.p(), 1 - 0x1p-30), Pass.FORWARD, Pass.BACKWARD);
    }

    static VerifySubject noise(VerifyRandom random) {
        return of(random, false, random.coin() ? random.p() : 100 * random.p(), Pass.FORWARD);
    }

    private static VerifySubject of(
            VerifyRandom random, boolean multiplies, double strength, Pass... usual) {
        long[] shape = random.shape(1 + random.below(3));
        return new VerifyNormals(
                multiplies,
                strength,
                random.oneIn(10) ? random.pick(Pass.values()) : random.pick(usual),
                random.dtype(),
                shape,
                VerifySource.drawn(random, Shapes.product(shape)),
                random.oneIn(3));
    }

    @Override
    public List<VerifyOperand> operands() {
        return VerifyOperand.pair(dtype, shape, inPlace);
    }

    @Override
    public long rows() {
        return shape[0];
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        Tensor x = memory.tensor("x");
        Tensor y = memory.tensor("y");
        long start = source.first(row, rows());
        if (multiplies) {
            GaussianDropout layer = new GaussianDropout(strength).with(execution);
            switch (pass) {
                case FORWARD -> layer.forward(x, y, source.state(), start);
                case BACKWARD -> layer.backward(x, y, source.state(), start);
                case INFER -> layer.infer(x, y);
            }
        } else {
            GaussianNoise layer = new GaussianNoise(strength).with(execution);
            switch (pass) {
                case FORWARD -> layer.forward(x, y, source.state(), start);
                case BACKWARD -> layer.backward(x, y);
                case INFER -> layer.infer(x, y);
            }
        }
    }

    @Override
    public String toString() {
        return (multiplies ? new GaussianDropout(strength) : new GaussianNoise(strength)) + " "
                + pass + " " + dtype + ", " + source;
    }
}
