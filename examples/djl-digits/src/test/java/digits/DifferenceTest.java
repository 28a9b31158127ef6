package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Findings.Quantity;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferenceTest {
    private static final Quantity QUANTITY = new Quantity(Run::millis, 0.01);

    @Test
    void intervalIsStudents() {
        Difference difference = Difference.of(1, 2, 3);
        assertEquals(2, difference.mean());
        assertEquals(2 - 4.303 / Math.sqrt(3), difference.low());
        assertEquals(2 + 4.303 / Math.sqrt(3), difference.high());
    }

    @Test
    void whatTheSpreadDoesNotSupportIsNotClaimed() {
        Difference difference = Difference.of(1, 2, 3);
        assertFalse(difference.isHigher() || difference.isLower());
        assertEquals(
                "not distinguishable (2.00, 95% interval −0.48 to 4.48)",
                new Findings(null).text(difference, QUANTITY));
    }

    @Test
    void whatItSupportsIs() {
        Difference difference = Difference.of(-1.1, -1, -0.9);
        assertTrue(difference.isLower());
        assertEquals(
                "1.00 lower (95% interval −1.25 to −0.75)",
                new Findings(null).text(difference, QUANTITY));
    }

    @Test
    void seedsAreThoseOfEachOther() {
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Difference.between(List.of(run(1)), List.of(run(2)), Run::millis));
        assertEquals("seed is 2, allowed is 1", e.getMessage());
    }

    private static Run run(int seed) {
        return new Run(Variant.NONE, 1, seed, List.of(), 0, List.of(), List.of(), null);
    }
}
