package sparkmasks;

import java.io.Serializable;

/**
 * Sums that no order and no grouping changes. Each value is rounded once, to a multiple of 2^-40,
 * and added as an integer; integers add exactly, floating-point numbers don't.
 */
final class FixedPointSums implements Serializable {
    private static final long serialVersionUID = 1;
    private static final double UNIT = 0x1p-40;

    private final long[] sums;

    FixedPointSums(int count) {
        sums = new long[count];
    }

    /**
     * Adds a value to a sum.
     *
     * @throws ArithmeticException if the value is no number, or it or the sum reaches 2^23
     */
    void add(int index, double value) {
        double units = value / UNIT;
        if (!(Math.abs(units) < 0x1p63)) {
            throw new ArithmeticException(
                    "value is " + value + ", allowed is what is nearer to 0 than 2^23");
        }
        sums[index] = Math.addExact(sums[index], Math.round(units));
    }

    /** Adds another partition's sums to these. */
    FixedPointSums plus(FixedPointSums other) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.addExact(sums[i], other.sums[i]);
        }
        return this;
    }

    double get(int index) {
        return sums[index] * UNIT;
    }
}
