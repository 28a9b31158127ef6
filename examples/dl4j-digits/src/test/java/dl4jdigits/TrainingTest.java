package dl4jdigits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingTest {
    private static final Digits DIGITS = Digits.load();

    @Test
    void imagesAreSplit() {
        assertEquals(Digits.TRAIN, DIGITS.train().stream().mapToInt(b -> b.numExamples()).sum());
        assertEquals(1797 - Digits.TRAIN, DIGITS.test().numExamples());
        assertEquals(1, DIGITS.test().getFeatures().maxNumber().floatValue());
        assertEquals(
                DIGITS.test().numExamples(), DIGITS.test().getLabels().sumNumber().intValue());
    }

    @ParameterizedTest
    @EnumSource
    void trainingLowersTheLoss(Regulariser regulariser) {
        ComputationGraph network = Network.create(regulariser, 2);
        double before = network.score(DIGITS.test());
        Training.train(network, DIGITS.train(), 5);
        assertTrue(network.score(DIGITS.test()) < before);
    }

    @ParameterizedTest
    @EnumSource(names = "DL4J_DROPOUT", mode = EnumSource.Mode.EXCLUDE)
    void aRestoredNetworkGoesOnWithTheSameBits(Regulariser regulariser) {
        assertArrayEquals(
                Training.uninterrupted(regulariser, DIGITS.train(), 4),
                Training.resumed(regulariser, DIGITS.train(), 4));
    }

    @Test
    void withDeeplearning4jsDropoutItDoesNot() {
        assertFalse(
                Arrays.equals(
                        Training.uninterrupted(Regulariser.DL4J_DROPOUT, DIGITS.train(), 4),
                        Training.resumed(Regulariser.DL4J_DROPOUT, DIGITS.train(), 4)));
    }

    @ParameterizedTest
    @EnumSource
    void aSeedDecidesTheWeights(Regulariser regulariser) {
        float[] weights = trained(regulariser, 3);
        assertArrayEquals(weights, trained(regulariser, 3));
        assertFalse(Arrays.equals(weights, trained(regulariser, 4)));
    }

    private static float[] trained(Regulariser regulariser, long seed) {
        ComputationGraph network = Network.create(regulariser, seed);
        Training.train(network, DIGITS.train(), 2);
        return Training.weights(network);
    }
}
