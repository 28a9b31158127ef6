package dl4jdigits;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A residual network of dense layers. */
final class Network {
    static final int BLOCKS = 3;
    private static final int WIDTH = 64;

    private Network() {}

    /** A new network, whose weights and masks the seed decides. */
    static ComputationGraph create(Regulariser regulariser, long seed) {
        GraphBuilder builder =
                new NeuralNetConfiguration.Builder()
                        .seed(seed)
                        .updater(new Adam(1e-3))
                        .weightInit(WeightInit.XAVIER)
                        .activation(Activation.RELU)
                        .graphBuilder()
                        .addInputs("image")
                        .setInputTypes(InputType.feedForward(Digits.PIXELS))
                        .addLayer("stem", new DenseLayer.Builder().nOut(WIDTH).build(), "image");
        String residual = "stem";
        for (int block = 0; block < BLOCKS; block++) {
            String hidden = "hidden" + block;
            String branch = "branch" + block;
            String sum = "sum" + block;
            builder.addLayer(hidden, new DenseLayer.Builder().nOut(WIDTH).build(), residual)
                    .addLayer(
                            branch,
                            new DenseLayer.Builder()
                                    .nOut(WIDTH)
                                    .activation(Activation.IDENTITY)
                                    .dropOut(regulariser.dropout())
                                    .build(),
                            hidden)
                    .addVertex(sum, regulariser.sum(block), branch, residual);
            residual = sum;
        }
        builder.addLayer(
                        "digit",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(Digits.CLASSES)
                                .dropOut(regulariser.dropout())
                                .build(),
                        residual)
                .setOutputs("digit");
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        return network;
    }
}
