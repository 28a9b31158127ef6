package sparkmasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FixedPointSumsTest {
    @Test
    void orderAndGroupingDoNotMatter() {
        double[] values = {0.1, 0x1p20, 1e-9, -0x1p20, 0.3};
        FixedPointSums forwards = new FixedPointSums(1);
        FixedPointSums even = new FixedPointSums(1);
        FixedPointSums odd = new FixedPointSums(1);
        double sum = 0;
        double backwards = 0;
        for (int i = 0; i < values.length; i++) {
            forwards.add(0, values[i]);
            (i % 2 == 0 ? even : odd).add(0, values[i]);
            sum += values[i];
            backwards += values[values.length - 1 - i];
        }
        assertEquals(forwards.get(0), odd.plus(even).get(0));
        assertNotEquals(sum, backwards);
    }

    @Test
    void valuesAreRoundedToTheNearestUnit() {
        FixedPointSums sums = new FixedPointSums(2);
        sums.add(1, 2.75 * 0x1p-40);
        sums.add(1, -1.25 * 0x1p-40);
        assertEquals(2 * 0x1p-40, sums.get(1));
        assertEquals(0, sums.get(0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, 0x1p23, -0x1p23, Double.POSITIVE_INFINITY})
    void refusesWhatHasNoFixedPoint(double value) {
        FixedPointSums sums = new FixedPointSums(1);
        var e = assertThrows(ArithmeticException.class, () -> sums.add(0, value));
        assertEquals(
                "value is " + value + ", allowed is what is nearer to 0 than 2^23",
                e.getMessage());
    }

    @Test
    void refusesSumsThatOverflow() {
        FixedPointSums sums = new FixedPointSums(1);
        sums.add(0, 0x1.8p22);
        assertThrows(ArithmeticException.class, () -> sums.add(0, 0x1.8p22));
        assertThrows(ArithmeticException.class, () -> sums.plus(sums));
    }
}
