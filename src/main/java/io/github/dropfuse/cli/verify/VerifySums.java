package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient of a bias or of γ.
 *
 * @param layer the Dropout or DropPath in the middle
 * @param dtype type of the elements
 * @param shape extents of the gradient that is summed
 * @param source what decides
 */
record VerifySums(ScaledDropout layer, DType dtype, long[] shape, VerifySource source)
        implements VerifySubject {

    static VerifySubject bias(VerifyRandom random) {
        return of(random, new Dropout(random.p(), random.pick(Scaling.values())));
    }

    static VerifySubject gamma(VerifyRandom random) {
        return of(random, random.dropPath());
    }

    private static VerifySubject of(VerifyRandom random, ScaledDropout layer) {
        long[] shape = random.shape(1 + random.below(3));
        long units = VerifySubject.units(layer, shape);
        return new VerifySums(layer, random.dtype(), shape, VerifySource.random(random, units));
    }

    @Override
    public List<VerifyOperand> operands() {
        List<VerifyOperand> operands = new ArrayList<>();
        operands.add(VerifyOperand.input("dy", dtype, shape));
        if (layer instanceof DropPath) {
            operands.add(VerifyOperand.input("x", dtype, shape));
        }
        operands.add(VerifyOperand.output("sums", null, dtype, shape[shape.length - 1]));
        source.addTo(operands);
        return operands;
    }

    /** The order of the sums is that of the whole. */
    @Override
    public long rows() {
        return 0;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        if (layer instanceof Dropout dropout) {
            new DropoutAdd(dropout.with(execution))
                    .biasGradient(
                            memory.tensor("dy"), memory.tensor("sums"), source.of(memory),
                            source.start());
        } else if (layer instanceof DropPath path) {
            new DropPathAdd(path.with(execution))
                    .gammaGradient(
                            memory.tensor("dy"), memory.tensor("x"), memory.tensor("sums"),
                            source.of(memory), source.start());
        }
    }

    @Override
    public String toString() {
        return layer + " " + dtype + ", " + source;
    }
}
