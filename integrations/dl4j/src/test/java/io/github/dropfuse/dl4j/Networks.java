package io.github.dropfuse.dl4j;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks and their data. */
final class Networks {
    private static final int INPUTS = 12;
    private static final int CLASSES = 3;

    private Networks() {}

    static NeuralNetConfiguration.Builder builder(long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(1e-2))
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.TANH);
    }

    /** Three layers, each with a dropout; null for none. */
    static MultiLayerNetwork dense(
            long seed, WorkspaceMode mode, IDropout first, IDropout second, IDropout third) {
        MultiLayerConfiguration conf =
                builder(seed)
                        .trainingWorkspaceMode(mode)
                        .list()
                        .layer(
                                new DenseLayer.Builder()
                                        .nIn(INPUTS)
                                        .nOut(16)
                                        .dropOut(first)
                                        .build())
                        .layer(new DenseLayer.Builder().nIn(16).nOut(16).dropOut(second).build())
                        .layer(
                                new OutputLayer.Builder(LossFunction.MCXENT)
                                        .activation(Activation.SOFTMAX)
                                        .nIn(16)
                                        .nOut(CLASSES)
                                        .dropOut(third)
                                        .build())
                        .build();
        return initialised(conf);
    }

    static MultiLayerNetwork initialised(MultiLayerConfiguration conf) {
        MultiLayerNetwork network = new MultiLayerNetwork(conf);
        network.init();
        return network;
    }

    static List<DataSet> batches(int count) {
        List<DataSet> batches = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            INDArray labels = Nd4j.zeros(DataType.FLOAT, 8, CLASSES);
            for (int i = 0; i < 8; i++) {
                labels.putScalar(i, (i * 5 + b) % CLASSES, 1);
            }
            batches.add(new DataSet(inputs(b), labels));
        }
        return batches;
    }

    static INDArray inputs(int seed) {
        return Plain.array(
                DataType.FLOAT,
                'c',
                Plain.random(seed, DType.FLOAT32, 8, INPUTS));
    }

    static void train(MultiLayerNetwork network, List<DataSet> batches) {
        for (DataSet batch : batches) {
            network.fit(batch);
        }
    }

    /** Saves a network and restores it, as another process would. */
    static MultiLayerNetwork reopened(MultiLayerNetwork network) {
        try {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            ModelSerializer.writeModel(network, file, true);
            Nd4j.getRandom().setSeed(999);
            return ModelSerializer.restoreMultiLayerNetwork(
                    new ByteArrayInputStream(file.toByteArray()), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static float[] parameters(Model network) {
        return network.params().dup().data().asFloat();
    }

    /** Keeps the activations of the last training step. */
    static final class Recorder extends BaseTrainingListener {
        List<Tensor> layers;
        Map<String, Tensor> vertices;

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            layers = activations.stream().map(Plain::read).toList();
        }

        @Override
        public void onForwardPass(Model model, Map<String, INDArray> activations) {
            vertices = new HashMap<>();
            activations.forEach((name, array) -> vertices.put(name, Plain.read(array)));
        }
    }
}
