package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
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
 * A call of a layer that adds to a residual.
 *
 * @param layer the Dropout or DropPath in the middle
 * @param pass what is called
 * @param vector whether there is a bias or γ
 * @param place which input the output takes the memory of, or null
 * @param dtype type of the elements
 * @param shape extents of input and output
 * @param source what decides
 * @param rows entries that can be computed apart, or 0
 */
record VerifyResidual(
        ScaledDropout layer,
        Pass pass,
        boolean vector,
        String place,
        DType dtype,
        long[] shape,
        VerifySource source,
        long rows)
        implements VerifySubject {

    static VerifySubject dropoutAdd(VerifyRandom random) {
        long[] shape = random.shape(1 + random.below(4));
        return of(random, new Dropout(random.p(), random.pick(Scaling.values())), shape, true);
    }

    static VerifySubject dropPathAdd(VerifyRandom random) {
        long[] shape = random.shape(1 + random.below(4));
        DropPath layer = random.dropPath();
        return of(random, layer, shape, layer.mode() == DropPath.Mode.ROW);
    }

    private static VerifySubject of(
            VerifyRandom random, ScaledDropout layer, long[] shape, boolean canBeCut) {
        Pass pass = random.oneIn(10) ? Pass.INFER : random.pick(Pass.FORWARD, Pass.BACKWARD);
        boolean vector = random.coin();
        String place = random.pick(null, "x", "residual");
        return new VerifyResidual(
                layer,
                pass,
                vector,
                pass == Pass.BACKWARD && place != null ? "x" : place,
                random.dtype(),
                shape,
                VerifySource.random(random, VerifySubject.units(layer, shape)),
                canBeCut && !(vector && shape.length == 1) ? shape[0] : 0);
    }

    @Override
    public List<VerifyOperand> operands() {
        List<VerifyOperand> operands = new ArrayList<>();
        operands.add(VerifyOperand.input("x", dtype, shape));
        if (vector) {
            operands.add(VerifyOperand.shared("vector", dtype, shape[shape.length - 1]));
        }
        if (pass != Pass.BACKWARD) {
            operands.add(VerifyOperand.input("residual", dtype, shape));
        }
        operands.add(VerifyOperand.output("y", place, dtype, shape));
        source.addTo(operands);
        return operands;
    }

    @Override
    public void call(VerifyMemory memory, long row, Execution execution) {
        Tensor x = memory.tensor("x");
        Tensor v = memory.tensor("vector");
        Tensor residual = memory.tensor("residual");
        Tensor y = memory.tensor("y");
        long start = source.first(row, rows);
        if (layer instanceof Dropout dropout) {
            DropoutAdd on = new DropoutAdd(dropout.with(execution));
            switch (pass) {
                case FORWARD -> on.forward(x, v, residual, y, source.of(memory), start);
                case BACKWARD -> on.backward(x, y, source.of(memory), start);
                case INFER -> on.infer(x, v, residual, y);
            }
        } else if (layer instanceof DropPath path) {
            DropPathAdd on = new DropPathAdd(path.with(execution));
            switch (pass) {
                case FORWARD -> on.forward(x, v, residual, y, source.of(memory), start);
                case BACKWARD -> on.backward(x, v, y, source.of(memory), start);
                case INFER -> on.infer(x, v, residual, y);
            }
        }
    }

    @Override
    public String toString() {
        return layer + " " + pass + " " + dtype + ", " + source;
    }
}
