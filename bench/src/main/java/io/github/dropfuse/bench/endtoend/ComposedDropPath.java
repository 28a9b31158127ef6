package io.github.dropfuse.bench.endtoend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;

/** DropPath of DJL's own operations: {@code x * floor(keep + u) / keep}, with one u a sample. */
final class ComposedDropPath extends AbstractBlock {
    private final float keep;

    ComposedDropPath(double p) {
        keep = (float) (1 - p);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        if (!training) {
            return inputs;
        }
        long[] perSample = new long[x.getShape().dimension()];
        Arrays.fill(perSample, 1);
        perSample[0] = x.size(0);
        NDArray u = x.getManager().randomUniform(0, 1, new Shape(perSample), x.getDataType());
        return new NDList(x.mul(u.addi(keep).floor().divi(keep)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return inputShapes;
    }
}
