package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingTest {
    private static final int DEPTH = 2;
    private static final int IMAGES = 100;

    private static List<String> trained(Variant variant, int seed) throws Exception {
        try (Training training = Training.begin(variant, DEPTH, IMAGES, seed)) {
            training.epoch(1);
            training.epoch(2);
            return training.bits();
        }
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void theSeedAloneDecidesAllBits(Variant variant) throws Exception {
        List<String> bits = trained(variant, 1);
        assertEquals(bits, trained(variant, 1));
        assertNotEquals(bits, trained(variant, 2));
    }

    @Test
    void resumedTrainingsHaveTheBitsOfWholeOnes() throws Exception {
        assertTrue(new Experiment(Mode.TINY).resumesWithTheSameBits());
    }

    @Test
    void branchesComeBackAfterTheyWereLeftOut() throws Exception {
        try (Training training = Training.begin(Variant.NONE, DEPTH, IMAGES, 1)) {
            training.epoch(1);
            List<String> bits = training.bits();
            float whole = training.testAccuracyWithout(List.of());
            assertEquals(training.point(1).test().accuracy(), whole);
            assertNotEquals(whole, training.testAccuracyWithout(List.of(0, 1)));
            assertEquals(bits, training.bits());
        }
    }

    /** Half of the elements are 0 and the others doubled: in training the mean square doubles. */
    @Test
    void dropoutBeforeBatchNormShiftsItsVariance() throws Exception {
        assertTrue(secondRatio(Variant.BATCH_BEFORE) < 0.7);
        assertTrue(secondRatio(Variant.BATCH_NONE) > 0.8);
    }

    private static float secondRatio(Variant variant) throws Exception {
        try (Training training = Training.begin(variant, DEPTH, IMAGES, 1)) {
            for (int epoch = 1; epoch <= 30; epoch++) {
                training.epoch(epoch);
            }
            return training.varianceRatios().get(1);
        }
    }
}
