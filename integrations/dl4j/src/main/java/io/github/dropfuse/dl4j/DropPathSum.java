package io.github.dropfuse.dl4j;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a {@link DropfuseDropPathVertex} is in a graph. */
final class DropPathSum extends BaseGraphVertex {
    private final DropfuseDropPathVertex settings;

    DropPathSum(
            ComputationGraph graph,
            String name,
            int index,
            DropfuseDropPathVertex settings,
            DataType type) {
        super(graph, name, index, null, null, type);
        this.settings = settings;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (!canDoForward()) {
            throw new IllegalStateException("forward pass of " + this + " without both inputs");
        }
        INDArray branch = inputs[0];
        INDArray residual = inputs[1];
        NdArrays.checkPair("branch", branch, "residual", residual);
        ComputationGraphConfiguration conf = graph.getConfiguration();
        DropPathAdd sum =
                new DropPathAdd(settings.at(conf.getIterationCount(), conf.getEpochCount()));
        NdArrays.checkShape(sum, branch);
        INDArray out =
                workspaceMgr.createUninitialized(
                        ArrayType.ACTIVATIONS, branch.dataType(), branch.shape(), 'c');
        PhiloxState state =
                training
                        ? settings.stream()
                                .next(conf.getIterationCount(), workspaceMgr, branch.shape())
                        : null;
        NdArrays.read(
                "residual",
                residual,
                branch.dataType(),
                r ->
                        NdArrays.call(
                                "branch",
                                branch,
                                "out",
                                out,
                                (x, y) -> {
                                    if (training) {
                                        sum.forward(x, null, r, y, state);
                                    } else {
                                        sum.infer(x, null, r, y);
                                    }
                                }));
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
        if (!canDoBackward()) {
            throw new IllegalStateException("backward pass of " + this + " without a gradient");
        }
        NdArrays.check("epsilon", epsilon);
        ComputationGraphConfiguration conf = graph.getConfiguration();
        DropPath path = settings.at(conf.getIterationCount(), conf.getEpochCount());
        NdArrays.checkShape(path, epsilon);
        PhiloxState state = settings.stream().last(conf.getIterationCount(), epsilon.shape());
        INDArray branch =
                workspaceMgr.createUninitialized(
                        ArrayType.ACTIVATION_GRAD, epsilon.dataType(), epsilon.shape(), 'c');
        NdArrays.call(
                "epsilon", epsilon, "branch", branch, (dy, dx) -> path.backward(dy, dx, state));
        INDArray residual = workspaceMgr.dup(ArrayType.ACTIVATION_GRAD, epsilon);
        return new Pair<>(null, new INDArray[] {branch, residual});
    }

    @Override
    public boolean hasLayer() {
        return false;
    }

    @Override
    public Layer getLayer() {
        return null;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray backpropGradientsViewArray) {
        if (backpropGradientsViewArray != null) {
            throw new IllegalArgumentException(this + " has no parameters, allowed is null");
        }
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArrays(
            INDArray[] maskArrays, MaskState currentMaskState, int minibatchSize) {
        return maskArrays == null ? null : new Pair<>(maskArrays[0], currentMaskState);
    }

    @Override
    public String toString() {
        return "DropPathSum(id=" + vertexIndex + ",name=\"" + vertexName + "\"," + settings + ")";
    }
}
