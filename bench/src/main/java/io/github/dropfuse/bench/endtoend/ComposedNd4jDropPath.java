package io.github.dropfuse.bench.endtoend;

import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;

/** DropPath of ND4J's own operations, as Deeplearning4j's dropout is made: a mask, and a product. */
final class ComposedNd4jDropPath implements IDropout {
    private static final long serialVersionUID = 1;

    private final double p;
    private transient INDArray mask;

    ComposedNd4jDropPath(double p) {
        this.p = p;
    }

    @Override
    public INDArray applyDropout(
            INDArray x, INDArray result, int iteration, int epoch, LayerWorkspaceMgr manager) {
        mask = manager.create(ArrayType.INPUT, x.dataType(), x.size(0)).assign(1);
        Nd4j.getExecutioner().exec(new DropOutInverted(mask, mask, 1 - p));
        Nd4j.getExecutioner().exec(new BroadcastMulOp(x, mask, result, 0));
        return result;
    }

    @Override
    public INDArray backprop(
            INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
        Nd4j.getExecutioner().exec(new BroadcastMulOp(gradAtOutput, mask, gradAtInput, 0));
        mask = null;
        return gradAtInput;
    }

    @Override
    public void clear() {
        mask = null;
    }

    @Override
    public IDropout clone() {
        return new ComposedNd4jDropPath(p);
    }
}
