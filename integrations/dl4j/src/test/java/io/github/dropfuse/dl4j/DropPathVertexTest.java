package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A residual block whose sum is a vertex. */
class DropPathVertexTest {
    private static final int WIDTH = 6;
    private static final int BATCH = 16;

    static ComputationGraphConfiguration conf(DropfuseDropPathVertex vertex) {
        return conf(vertex, DataType.FLOAT, null);
    }

    private static ComputationGraphConfiguration conf(
            DropfuseDropPathVertex vertex, DataType type, IDropout dropout) {
        return Networks.builder(5)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("x")
                .setInputTypes(InputType.feedForward(WIDTH))
                .addLayer("first", new DenseLayer.Builder().nOut(WIDTH).build(), "x")
                .addLayer(
                        "branch",
                        new DenseLayer.Builder().nOut(WIDTH).dropOut(dropout).build(),
                        "first")
                .addVertex("sum", vertex, "branch", "first")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .nOut(2)
                                .dropOut(dropout == null ? null : dropout.clone())
                                .build(),
                        "sum")
                .setOutputs("out")
                .build();
    }

    private static ComputationGraphConfiguration withDropouts(DataType type) {
        return conf(new DropfuseDropPathVertex(0.4), type, new DropfuseDropout(0.3));
    }

    private static ComputationGraph graph(ComputationGraphConfiguration conf) {
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        return graph;
    }

    private static DataSet batch(DataType type, int seed) {
        DType plain = Plain.dtype(type);
        return new DataSet(
                Plain.array(type, 'c', Plain.random(seed, plain, BATCH, WIDTH)),
                Plain.array(type, 'c', Plain.random(seed + 1, plain, BATCH, 2)));
    }

    @Test
    void trainingAddsTheKeptSamplesOfTheBranch() {
        ComputationGraph graph = graph(conf(new DropfuseDropPathVertex(0.4).seeded(Plain.SEED)));
        Networks.Recorder recorder = new Networks.Recorder();
        graph.setListeners(recorder);
        for (int iteration = 0; iteration < 3; iteration++) {
            graph.fit(batch(DataType.FLOAT, iteration));
            Tensor sum = Plain.zeros(DType.FLOAT32, BATCH, WIDTH);
            new DropPathAdd(new DropPath(0.4))
                    .forward(
                            recorder.vertices.get("branch"),
                            null,
                            recorder.vertices.get("first"),
                            sum,
                            Plain.training(0, iteration));
            assertArrayEquals(Plain.bits(sum), Plain.bits(recorder.vertices.get("sum")));
        }
    }

    @Test
    void inferenceIsTheSum() {
        ComputationGraph graph = graph(conf(new DropfuseDropPathVertex(0.4)));
        INDArray x = batch(DataType.FLOAT, 1).getFeatures();
        var activations = graph.feedForward(x, false);
        assertEquals(
                activations.get("first").add(activations.get("branch")), activations.get("sum"));
    }

    @Test
    void monteCarloCallsDifferAndChangeNothingInTraining() {
        ComputationGraph plain = graph(conf(new DropfuseDropPathVertex(0.4)));
        ComputationGraph watched = graph(conf(new DropfuseDropPathVertex(0.4)));
        for (int i = 0; i < 4; i++) {
            DataSet batch = batch(DataType.FLOAT, i);
            INDArray first = watched.output(true, batch.getFeatures())[0];
            assertNotEquals(first, watched.output(true, batch.getFeatures())[0]);
            plain.fit(batch);
            watched.fit(batch);
        }
        assertArrayEquals(Networks.parameters(plain), Networks.parameters(watched));
    }

    @Test
    void aGraphThatIsSavedGoesOnWithTheSameBits() throws IOException {
        ComputationGraph whole = graph(withDropouts(DataType.FLOAT));
        ComputationGraph half = graph(withDropouts(DataType.FLOAT));
        for (int i = 0; i < 3; i++) {
            whole.fit(batch(DataType.FLOAT, i));
            half.fit(batch(DataType.FLOAT, i));
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(half, file, true);
        Nd4j.getRandom().setSeed(999);
        ComputationGraph resumed =
                ModelSerializer.restoreComputationGraph(
                        new ByteArrayInputStream(file.toByteArray()), true);
        for (int i = 3; i < 6; i++) {
            whole.fit(batch(DataType.FLOAT, i));
            resumed.fit(batch(DataType.FLOAT, i));
        }
        assertArrayEquals(Networks.parameters(whole), Networks.parameters(resumed));
    }

    /** In float64, by differences of the loss; a wrong mask is wrong by far more than the bound. */
    @Test
    void gradientsAreThoseOfTheLoss() {
        ComputationGraph graph = graph(withDropouts(DataType.DOUBLE));
        DataSet batch = batch(DataType.DOUBLE, 3);
        loss(graph, batch);
        double[] gradient = graph.gradient().gradient().dup().data().asDouble();
        for (int i = 0; i < gradient.length; i++) {
            double w = graph.params().getDouble(i);
            graph.params().putScalar(i, w + 1e-6);
            double above = loss(graph, batch);
            graph.params().putScalar(i, w - 1e-6);
            double below = loss(graph, batch);
            graph.params().putScalar(i, w);
            assertEquals((above - below) / 2e-6 * BATCH, gradient[i], 1e-5, "parameter " + i);
        }
    }

    private static double loss(ComputationGraph graph, DataSet batch) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }

    /** A refused pass leaves the stream where it was. */
    @Test
    void refusedPassesMoveNothing() {
        GraphVertex sum =
                graph(conf(new DropfuseDropPathVertex(0.4).seeded(Plain.SEED))).getVertex("sum");
        LayerWorkspaceMgr network = Plain.network();
        Tensor branch = Plain.random(1, DType.FLOAT32, BATCH, WIDTH);
        Tensor residual = Plain.random(2, DType.FLOAT32, BATCH, WIDTH);
        INDArray right = Plain.array(DataType.FLOAT, 'c', residual);
        INDArray closed = right.dup();
        closed.close();
        sum.setInput(0, Plain.array(DataType.FLOAT, 'c', branch), network);
        for (INDArray wrong :
                new INDArray[] {
                    right.reshape(WIDTH, BATCH), right.castTo(DataType.INT32), closed
                }) {
            sum.setInput(1, wrong, network);
            assertThrows(
                    IllegalArgumentException.class, () -> sum.doForward(true, network));
        }
        sum.setInput(1, right, network);
        Tensor y = Plain.zeros(DType.FLOAT32, BATCH, WIDTH);
        DropPathAdd layer = new DropPathAdd(new DropPath(0.4));
        layer.forward(branch, null, residual, y, Plain.other(0, 0, 0));
        assertArrayEquals(
                Plain.bits(y), Plain.bits(Plain.read(sum.doForward(true, network))), "y");

        for (INDArray wrong : new INDArray[] {right.castTo(DataType.INT32), closed}) {
            sum.setEpsilon(wrong);
            assertThrows(
                    IllegalArgumentException.class, () -> sum.doBackward(false, network));
        }
        sum.setEpsilon(right);
        Tensor dx = Plain.zeros(DType.FLOAT32, BATCH, WIDTH);
        layer.backward(residual, dx, Plain.other(0, 0, 0));
        assertArrayEquals(
                Plain.bits(dx),
                Plain.bits(Plain.read(sum.doBackward(false, network).getSecond()[0])),
                "dx");
    }

    @Test
    void inputsOfTwoShapesAreRefused() {
        Exception e =
                assertThrows(
                        InvalidInputTypeException.class,
                        () ->
                                new DropfuseDropPathVertex(0.1)
                                        .getOutputType(
                                                0,
                                                InputType.feedForward(3),
                                                InputType.feedForward(4)));
        assertTrue(e.getMessage().contains("a branch and a residual of one type"), e.getMessage());
    }
}
