package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The gradients of whole networks against differences of the loss, in float64: every layer hands
 * its dropout an array of another order or kind. Bits are compared elsewhere; this finds a mask
 * that lies differently in the backward pass, which is wrong by far more than the bound.
 */
class GradientTest {
    private static final int BATCH = 3;
    private static final int STEPS = 6;
    private static final int PARAMETERS = 40;
    private static final double STEP = 1e-6;
    private static final double BOUND = 1e-5;

    record Case(String name, InputType type, Layer... layers) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static IDropout drop() {
        return new DropfuseDropout(0.3).seeded(Plain.SEED);
    }

    private static IDropout channels() {
        return new DropfuseSpatialDropout(0.3).seeded(Plain.SEED);
    }

    private static Layer output(IDropout dropout) {
        return new OutputLayer.Builder(LossFunction.MSE)
                .activation(Activation.TANH)
                .nOut(2)
                .dropOut(dropout)
                .build();
    }

    private static Layer rnnOutput() {
        return new RnnOutputLayer.Builder(LossFunction.MSE)
                .activation(Activation.TANH)
                .nOut(2)
                .build();
    }

    static List<Case> cases() {
        InputType flat = InputType.feedForward(5);
        InputType image = InputType.convolutional(6, 6, 2);
        InputType sequence = InputType.recurrent(4, STEPS);
        DropfuseDropout shared = new DropfuseDropout(0.3);
        List<Case> cases = new ArrayList<>();
        for (IDropout each :
                List.of(
                        drop(),
                        new DropfuseAlphaDropout(0.3),
                        new DropfuseGaussianDropout(0.3),
                        new DropfuseGaussianNoise(0.3),
                        new DropfuseDropPath(0.3))) {
            cases.add(
                    new Case(
                            "dense, " + each,
                            flat,
                            new DenseLayer.Builder().nOut(6).dropOut(each.clone()).build(),
                            new DenseLayer.Builder().nOut(4).dropOut(each.clone()).build(),
                            output(each.clone())));
        }
        cases.add(
                new Case(
                        "one object in all layers",
                        flat,
                        new DenseLayer.Builder().nOut(6).dropOut(shared).build(),
                        new DenseLayer.Builder().nOut(6).dropOut(shared).build(),
                        output(shared)));
        cases.add(
                new Case(
                        "dropout layer",
                        flat,
                        new DenseLayer.Builder().nOut(6).build(),
                        new DropoutLayer.Builder(drop()).build(),
                        output(null)));
        cases.add(
                new Case(
                        "convolution",
                        image,
                        new ConvolutionLayer.Builder(3, 3).nOut(3).dropOut(drop()).build(),
                        new ConvolutionLayer.Builder(2, 2).nOut(3).dropOut(channels()).build(),
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                .kernelSize(2, 2)
                                .stride(1, 1)
                                .build(),
                        output(drop())));
        // Convolution1DLayer has no backward pass of its dropout, whatever the dropout is.
        cases.add(
                new Case(
                        "convolution along time",
                        sequence,
                        new SimpleRnn.Builder().nOut(4).dropOut(drop()).build(),
                        new DropoutLayer.Builder(channels()).build(),
                        new Convolution1DLayer.Builder(2).nOut(3).build(),
                        rnnOutput()));
        // RnnOutputLayer reports the loss without its dropout, whatever the dropout is.
        cases.add(
                new Case(
                        "LSTM",
                        sequence,
                        new LSTM.Builder().nOut(4).dropOut(drop()).build(),
                        new LSTM.Builder().nOut(3).dropOut(channels()).build(),
                        new DropoutLayer.Builder(drop()).build(),
                        rnnOutput()));
        cases.add(
                new Case(
                        "bidirectional",
                        sequence,
                        new Bidirectional(new LSTM.Builder().nOut(3).dropOut(drop()).build()),
                        rnnOutput()));
        return cases;
    }

    static List<Object[]> networks() {
        List<Object[]> networks = new ArrayList<>();
        for (Case of : cases()) {
            networks.add(new Object[] {of, WorkspaceMode.ENABLED});
            networks.add(new Object[] {of, WorkspaceMode.NONE});
        }
        return networks;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void gradientsAreThoseOfTheLoss(Case of, WorkspaceMode mode) {
        NeuralNetConfiguration.ListBuilder list =
                Networks.builder(3)
                        .dataType(DataType.DOUBLE)
                        .updater(new Sgd(0))
                        .trainingWorkspaceMode(mode)
                        .list();
        for (Layer layer : of.layers) {
            list.layer(layer.clone());
        }
        MultiLayerConfiguration conf = list.setInputType(of.type).build();
        MultiLayerNetwork network = Networks.initialised(conf);
        INDArray x = random(1, of.type.getShape(false), BATCH);
        INDArray y =
                of.type instanceof InputType.InputTypeRecurrent
                        ? random(2, outputShape(network, x), BATCH)
                        : random(2, new long[] {2}, BATCH);

        loss(network, x, y);
        double[] gradient = network.gradient().gradient().dup().data().asDouble();
        int wrong = 0;
        for (int i = 0; i < gradient.length; i += 1 + gradient.length / PARAMETERS) {
            double w = network.params().getDouble(i);
            network.params().putScalar(i, w + STEP);
            double above = loss(network, x, y);
            network.params().putScalar(i, w - STEP);
            double below = loss(network, x, y);
            network.params().putScalar(i, w);
            double difference = (above - below) / (2 * STEP) * BATCH;
            wrong += Math.abs(difference - gradient[i]) > BOUND ? 1 : 0;
        }
        assertEquals(0, wrong, "of " + PARAMETERS + " parameters");
        assertTrue(gradient.length > PARAMETERS);
    }

    private static long[] outputShape(MultiLayerNetwork network, INDArray x) {
        long[] shape = network.output(x).shape();
        return new long[] {shape[1], shape[2]};
    }

    private static double loss(MultiLayerNetwork network, INDArray x, INDArray y) {
        network.setInput(x);
        network.setLabels(y);
        network.computeGradientAndScore();
        return network.score();
    }

    private static INDArray random(int seed, long[] shape, int batch) {
        long[] whole = new long[shape.length + 1];
        whole[0] = batch;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        return Plain.array(DataType.DOUBLE, 'c', Plain.random(seed, DType.FLOAT64, whole));
    }
}
