package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;

/** The example of the package's documentation, which takes it from here. */
class ExampleTest {
    @Test
    void network() {
        // @start region="network"
        MultiLayerConfiguration conf = new NeuralNetConfiguration.Builder()
                .seed(42)
                .weightNoise(new DropfuseDropConnect(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(784).nOut(256).dropOut(new DropfuseDropout(0.5)).build())
                .layer(new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build())
                .build();
        // @end
        assertEquals(new DropfuseDropout(0.5), conf.getConf(0).getLayer().getIDropout());
    }
}
