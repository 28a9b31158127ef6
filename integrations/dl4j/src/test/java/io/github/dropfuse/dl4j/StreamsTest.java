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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Every layer has a stream of its own, and a network's masks are a function of its seed. */
class StreamsTest {
    /** The bit of an offset that says that a call was not a training step's. */
    private static final long NOT_TRAINING = 1L << 31;

    private static MultiLayerNetwork dense(long seed, WorkspaceMode mode) {
        return Networks.dense(
                seed,
                mode,
                new DropfuseDropout(0.3),
                new DropfuseDropout(0.3),
                new DropfuseDropout(0.3));
    }

    private static MultiLayerNetwork dense(long seed) {
        return dense(seed, WorkspaceMode.ENABLED);
    }

    /** Two dropouts that nothing but identities follow, so that activations show the masks. */
    private static MultiLayerNetwork bare(IDropout first, IDropout second) {
        return Networks.initialised(
                Networks.builder(1)
                        .updater(new Sgd(0))
                        .list()
                        .layer(identity(first))
                        .layer(identity(second))
                        .layer(
                                new OutputLayer.Builder(LossFunction.MSE)
                                        .activation(Activation.IDENTITY)
                                        .nIn(64)
                                        .nOut(64)
                                        .build())
                        .build());
    }

    private static DenseLayer identity(IDropout dropout) {
        return new DenseLayer.Builder()
                .nIn(64)
                .nOut(64)
                .weightInit(WeightInit.IDENTITY)
                .activation(Activation.IDENTITY)
                .dropOut(dropout)
                .build();
    }

    @Test
    void trainingDrawsFromLayerAndIteration() {
        MultiLayerNetwork network =
                bare(
                        new DropfuseDropout(0.3).seeded(Plain.SEED),
                        new DropfuseDropout(0.4).seeded(Plain.SEED));
        Networks.Recorder recorder = new Networks.Recorder();
        network.setListeners(recorder);
        Tensor x = Plain.random(1, DType.FLOAT32, 8, 64);
        INDArray features = Plain.array(DataType.FLOAT, 'c', x);
        for (int iteration = 0; iteration < 3; iteration++) {
            network.fit(new DataSet(features, features));
            Tensor first = Plain.zeros(DType.FLOAT32, 8, 64);
            Tensor second = Plain.zeros(DType.FLOAT32, 8, 64);
            new Dropout(0.3).forward(x, first, Plain.training(0, iteration));
            new Dropout(0.4).forward(first, second, Plain.training(1, iteration));
            assertArrayEquals(
                    Plain.bits(second), Plain.bits(recorder.layers.get(2)));
        }
    }

    @Test
    void aBuildersDropoutHasAStreamInEachLayer() {
        MultiLayerNetwork network =
                Networks.initialised(
                        Networks.builder(1)
                                .dropOut(new DropfuseDropout(0.5))
                                .list()
                                .layer(identity(null))
                                .layer(identity(null))
                                .layer(
                                        new OutputLayer.Builder(LossFunction.MSE)
                                                .nIn(64)
                                                .nOut(64)
                                                .build())
                                .build());
        // The output layer drops a third time, in place.
        assertOnesThrough(network, first(0), first(1), first(2));
    }

    @Test
    void oneObjectInTwoLayersHasTwoMasks() {
        DropfuseDropout shared = new DropfuseDropout(0.5);
        // It has one stream, of which the layers are the first and the second call.
        assertOnesThrough(
                bare(shared, shared),
                first(0),
                new PhiloxState(Stream.derive(1, 0), NOT_TRAINING | 1));
    }

    @Test
    void twoCopiesOfAUsedDropoutHaveTwoMasks() {
        DropfuseDropout used = new DropfuseDropout(0.5);
        bare(used, new DropfuseDropout(0)).feedForward(Nd4j.ones(64, 64), true);
        // The first one goes on; the second one, whose key is taken, derives another from it.
        long key = Stream.derive(1, 0);
        assertOnesThrough(
                bare(used.clone(), used.clone()),
                new PhiloxState(key, NOT_TRAINING | 1),
                new PhiloxState(Stream.derive(key, 1), NOT_TRAINING | 1));
    }

    /** The first call outside of training of the n-th layer, in a network with seed 1. */
    private static PhiloxState first(int layer) {
        return new PhiloxState(Stream.derive(1, layer), NOT_TRAINING);
    }

    /** What comes after the second layer are ones that were dropped by p = 0.5 so many times. */
    private static void assertOnesThrough(MultiLayerNetwork network, PhiloxState... states) {
        Tensor y = Plain.read(Nd4j.ones(64, 64));
        for (PhiloxState state : states) {
            new Dropout(0.5).forward(y, y, state);
        }
        INDArray out = network.feedForward(Nd4j.ones(64, 64), true).get(2);
        assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(out)));
    }

    @ParameterizedTest
    @EnumSource(value = WorkspaceMode.class, names = {"ENABLED", "NONE"})
    void monteCarloCallsDiffer(WorkspaceMode mode) {
        MultiLayerNetwork network = dense(5, mode);
        Networks.train(network, Networks.batches(2));
        INDArray x = Networks.inputs(9);
        INDArray first = network.output(x, true).dup();
        INDArray second = network.output(x, true).dup();
        assertNotEquals(first, second);
        assertNotEquals(first, network.output(x, true));
        assertEquals(network.output(x, false), network.output(x, false));
    }

    @Test
    void monteCarloCallsChangeNothingInTraining() {
        MultiLayerNetwork plain = dense(5);
        MultiLayerNetwork watched = dense(5);
        for (DataSet batch : Networks.batches(6)) {
            plain.fit(batch);
            watched.output(Networks.inputs(9), true);
            watched.score(batch, true);
            watched.fit(batch);
        }
        assertArrayEquals(Networks.parameters(plain), Networks.parameters(watched));
    }

    @ParameterizedTest
    @EnumSource(value = WorkspaceMode.class, names = {"ENABLED", "NONE"})
    void aNetworkThatIsSavedGoesOnWithTheSameBits(WorkspaceMode mode) {
        List<DataSet> batches = Networks.batches(8);
        INDArray x = Networks.inputs(9);
        MultiLayerNetwork whole = dense(5, mode);
        MultiLayerNetwork half = dense(5, mode);
        Networks.train(whole, batches.subList(0, 4));
        Networks.train(half, batches.subList(0, 4));
        assertEquals(whole.output(x, true), half.output(x, true));

        MultiLayerNetwork resumed = Networks.reopened(half);
        assertEquals(whole.output(x, true), resumed.output(x, true), "the second Monte-Carlo call");
        Networks.train(whole, batches.subList(4, 8));
        Networks.train(resumed, batches.subList(4, 8));
        assertArrayEquals(Networks.parameters(whole), Networks.parameters(resumed));
    }

    @Test
    void aNetworkThatIsSavedBeforeItsFirstStepIsTheSameToo() {
        MultiLayerNetwork whole = dense(5);
        MultiLayerNetwork other = dense(5);
        Networks.train(whole, Networks.batches(2));
        MultiLayerNetwork resumed = Networks.reopened(other);
        Networks.train(resumed, Networks.batches(2));
        assertArrayEquals(Networks.parameters(whole), Networks.parameters(resumed));
    }

    @Test
    void theNetworksSeedDecides() {
        List<DataSet> batches = Networks.batches(1);
        MultiLayerNetwork network = dense(5);
        float[] start = Networks.parameters(network);
        Networks.train(network, batches);
        MultiLayerNetwork again = dense(5);
        Networks.train(again, batches);
        assertArrayEquals(Networks.parameters(network), Networks.parameters(again));

        MultiLayerNetwork other = dense(6);
        other.setParams(Nd4j.create(start));
        Networks.train(other, batches);
        assertFalse(Arrays.equals(Networks.parameters(network), Networks.parameters(other)));
    }

    @Test
    void aSeedOfItsOwnDecidesWhateverTheNetworksIs() {
        INDArray ones = Nd4j.ones(8, 64);
        INDArray[] outputs = new INDArray[4];
        for (int i = 0; i < 4; i++) {
            Nd4j.getRandom().setSeed(i);
            outputs[i] =
                    new DropfuseDropout(0.5)
                            .seeded(i / 2)
                            .applyDropout(ones, ones.ulike(), 0, 0, Plain.network());
        }
        assertEquals(outputs[0], outputs[1]);
        assertEquals(outputs[2], outputs[3]);
        assertNotEquals(outputs[0], outputs[2]);
    }

    @Test
    void aClonedNetworkGoesOnAlike() {
        MultiLayerNetwork network = dense(5);
        Networks.train(network, Networks.batches(3));
        MultiLayerNetwork clone = network.clone();
        Networks.train(network, Networks.batches(3));
        Networks.train(clone, Networks.batches(3));
        assertArrayEquals(Networks.parameters(network), Networks.parameters(clone));
    }

    @Test
    void aRepeatedStepHasItsMasksAgain() {
        MultiLayerNetwork network = dense(5);
        DataSet batch = Networks.batches(1).getFirst();
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
        double score = network.score();
        INDArray gradient = network.gradient().gradient().dup();
        network.output(batch.getFeatures(), true);
        network.setInput(batch.getFeatures());
        network.setLabels(batch.getLabels());
        network.computeGradientAndScore();
        assertEquals(score, network.score());
        assertEquals(gradient, network.gradient().gradient());
    }

    @Test
    void thePiecesOfASequenceHaveMasksOfTheirOwn() {
        MultiLayerNetwork network =
                Networks.initialised(
                        Networks.builder(1)
                                .list()
                                .layer(new DropoutLayer.Builder(new DropfuseDropout(0.5)).build())
                                .layer(new SimpleRnn.Builder().nIn(8).nOut(4).build())
                                .layer(
                                        new RnnOutputLayer.Builder(LossFunction.MSE)
                                                .activation(Activation.IDENTITY)
                                                .nIn(4)
                                                .nOut(2)
                                                .build())
                                .backpropType(BackpropType.TruncatedBPTT)
                                .tBPTTLength(6)
                                .setInputType(InputType.recurrent(8, 12))
                                .build());
        List<byte[]> dropped = new ArrayList<>();
        network.setListeners(
                new BaseTrainingListener() {
                    @Override
                    public void onForwardPass(Model model, List<INDArray> activations) {
                        dropped.add(Plain.bits(Plain.read(activations.get(1))));
                    }
                });
        network.fit(new DataSet(Nd4j.ones(4, 8, 12), Nd4j.ones(4, 2, 12)));
        assertEquals(2, dropped.size());
        assertFalse(Arrays.equals(dropped.get(0), dropped.get(1)));
    }

    @Test
    void nothingIsDroppedAtInference() {
        MultiLayerNetwork network = bare(new DropfuseDropout(0.5), new DropfuseDropout(0.5));
        INDArray x = Nd4j.ones(4, 64);
        assertEquals(x, network.feedForward(x, false).get(2));
    }

    @Test
    void outsideOfNetworksTwoDropoutsDiffer() {
        INDArray ones = Nd4j.ones(8, 64);
        DropfuseDropout first = new DropfuseDropout(0.5);
        DropfuseDropout second = new DropfuseDropout(0.5);
        assertNotEquals(
                first.applyDropout(ones, ones.ulike(), 0, 0, null),
                second.applyDropout(ones, ones.ulike(), 0, 0, null));
        assertSame(ones, second.backprop(ones, ones, 0, 0));
    }

    /** A seed is enough to repeat a run, in networks and outside of them. */
    @Test
    void outsideOfNetworksASeedDecides() {
        INDArray ones = Nd4j.ones(8, 64);
        Tensor y = Plain.read(ones);
        new Dropout(0.5).forward(y, y, Plain.other(0, 0, 0));
        for (int run = 0; run < 2; run++) {
            INDArray out =
                    new DropfuseDropout(0.5)
                            .seeded(Plain.SEED)
                            .applyDropout(ones, ones.ulike(), 0, 0, null);
            assertArrayEquals(Plain.bits(y), Plain.bits(Plain.read(out)), "run " + run);
        }
    }
}
