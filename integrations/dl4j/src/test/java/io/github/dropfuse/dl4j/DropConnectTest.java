package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The weights that a layer computes with, and what becomes of the gradients. */
class DropConnectTest {
    private static MultiLayerNetwork network(IWeightNoise first, IWeightNoise second) {
        return Networks.initialised(
                Networks.builder(5)
                        .list()
                        .layer(
                                new DenseLayer.Builder()
                                        .nIn(12)
                                        .nOut(12)
                                        .weightNoise(first)
                                        .build())
                        .layer(
                                new OutputLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.IDENTITY)
                                        .nIn(12)
                                        .nOut(3)
                                        .weightNoise(second)
                                        .build())
                        .build());
    }

    private static Tensor flat(INDArray parameter) {
        return Plain.read(
                parameter.reshape(parameter.ordering(), new long[] {parameter.length()}));
    }

    /** What plain arrays make of a parameter, by the state that its layer's stream gives. */
    private static Tensor masked(Layer layer, String key, double p, PhiloxState state) {
        int index =
                layer.conf().getLayer().initializer().paramKeys(layer.conf().getLayer())
                        .indexOf(key);
        long parameter = (long) layer.getIndex() << 32 | index;
        Tensor masked = flat(layer.getParam(key));
        new Dropout(p)
                .forward(
                        masked,
                        masked,
                        new PhiloxState(
                                Stream.derive(state.seed(), parameter), state.offset()));
        return masked;
    }

    @Test
    void aMaskIsOverTheWeightsAsTheyLieInMemoryAndScales() {
        MultiLayerNetwork convolution =
                Networks.initialised(
                        Networks.builder(5)
                                .list()
                                .layer(new ConvolutionLayer.Builder(3, 3).nIn(2).nOut(4).build())
                                .build());
        convolution.getLayer(0).getParam("b").assign(1);
        MultiLayerNetwork dense = network(null, null);
        dense.getLayer(1).getParam("b").assign(1);
        for (Layer layer : new Layer[] {convolution.getLayer(0), dense.getLayer(1)}) {
            for (String key : new String[] {"W", "b"}) {
                INDArray given =
                        new DropfuseDropConnect(0.3, true)
                                .seeded(Plain.SEED)
                                .getParameter(layer, key, 7, 0, true, Plain.network());
                assertArrayEquals(
                        Plain.bits(masked(layer, key, 0.3, Plain.other(0, 7, 0))),
                        Plain.bits(flat(given)),
                        key);
            }
        }
    }

    @Test
    void withoutTrainingAndOfBiasesItIsTheParameterItself() {
        DropfuseDropConnect noise = new DropfuseDropConnect(0.3);
        Layer dense = network(noise, null).getLayer(0);
        assertSame(
                dense.getParam("W"),
                noise.getParameter(dense, "W", 0, 0, false, Plain.network()));
        assertSame(
                dense.getParam("b"), noise.getParameter(dense, "b", 0, 0, true, Plain.network()));
        assertSame(
                dense.getParam("b"),
                new DropfuseDropConnect(0.3, true)
                        .getParameter(dense, "b", 0, 0, false, Plain.network()));
    }

    /** Deeplearning4j's own leaves kept weights as they are; the guide says so. */
    @Test
    void deeplearning4jsOwnDoesNotScale() {
        Layer dense = network(null, null).getLayer(0);
        dense.getParam("W").assign(Nd4j.ones(12, 12));
        INDArray theirs =
                new DropConnect(0.5).getParameter(dense, "W", 0, 0, true, Plain.network());
        INDArray ours =
                new DropfuseDropConnect(0.5).getParameter(dense, "W", 0, 0, true, Plain.network());
        assertEquals(1, theirs.maxNumber().doubleValue());
        assertEquals(2, ours.maxNumber().doubleValue());
    }

    /** Both passes see the same masked weights: the gradient that is handed down is exact. */
    @Test
    void theGradientOfTheInputIsOfTheMaskedWeights() {
        MultiLayerNetwork network = network(null, new DropfuseDropConnect(0.5).seeded(Plain.SEED));
        DataSet batch = new DataSet(Networks.inputs(1), Nd4j.zeros(DataType.FLOAT, 8, 3));
        Networks.Recorder recorder = new Networks.Recorder();
        network.setListeners(recorder);
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();

        // MSE of zeros: loss = sum(z²) / (8 · 3) with z = a W' + b, W' masked.
        INDArray w = network.getLayer(1).getParam("W");
        INDArray masked = Nd4j.create(w.dataType(), w.shape(), 'f');
        Tensor plain = masked(network.getLayer(1), "W", 0.5, Plain.training(0, 0));
        for (int i = 0; i < masked.length(); i++) {
            masked.putScalar(i % 12, i / 12, plain.get(i));
        }
        INDArray a = Plain.array(DataType.FLOAT, 'c', recorder.layers.get(1));
        INDArray z = a.mmul(masked);
        assertEquals(z.mul(z).sumNumber().doubleValue() / 24, network.score(), 1e-5);
        INDArray below = z.mul(2.0 / 3).mmul(masked.transpose()).mul(a.mul(a).rsub(1));
        INDArray expected = batch.getFeatures().transpose().mmul(below);
        INDArray given = network.gradient().getGradientFor("0_W");
        assertEquals(0, expected.sub(given).amaxNumber().doubleValue(), 1e-5);
    }

    @Test
    void theLossOfAStepIsComputedWithItsMasks() {
        MultiLayerNetwork network =
                network(new DropfuseDropConnect(0.5), new DropfuseDropConnect(0.5));
        DataSet batch = new DataSet(Networks.inputs(1), Nd4j.zeros(DataType.FLOAT, 8, 3));
        double[] scores = new double[3];
        for (int i = 0; i < 3; i++) {
            network.output(batch.getFeatures(), true);
            network.setInput(batch.getFeatures());
            network.setLabels(batch.getLabels());
            network.computeGradientAndScore();
            scores[i] = network.score();
        }
        assertArrayEquals(new double[] {scores[0], scores[0], scores[0]}, scores);
    }

    @Test
    void masksChangeWithTheIterationTheLayerAndTheCall() {
        MultiLayerNetwork network =
                network(new DropfuseDropConnect(0.5), new DropfuseDropConnect(0.5));
        INDArray x = Networks.inputs(1);
        assertNotEquals(network.output(x, true), network.output(x, true));
        float[] start = Networks.parameters(network);
        network.fit(x, Nd4j.zeros(DataType.FLOAT, 8, 3));
        assertFalse(Arrays.equals(start, Networks.parameters(network)));

        DropfuseDropConnect noise = new DropfuseDropConnect(0.5);
        var manager = Plain.network();
        Layer dense = network.getLayer(0);
        assertNotEquals(
                noise.getParameter(dense, "W", 0, 0, true, manager),
                noise.getParameter(dense, "W", 1, 0, true, manager));
    }

    @Test
    void aNetworkThatIsSavedGoesOnWithTheSameBits() {
        MultiLayerNetwork whole =
                network(new DropfuseDropConnect(0.5), new DropfuseDropConnect(0.5));
        MultiLayerNetwork half =
                network(new DropfuseDropConnect(0.5), new DropfuseDropConnect(0.5));
        Networks.train(whole, Networks.batches(3));
        Networks.train(half, Networks.batches(3));
        MultiLayerNetwork resumed = Networks.reopened(half);
        Networks.train(whole, Networks.batches(3));
        Networks.train(resumed, Networks.batches(3));
        assertArrayEquals(Networks.parameters(whole), Networks.parameters(resumed));
    }
}
