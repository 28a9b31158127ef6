package digits;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How much a variant differs from another, seed by seed: both begin with the same parameters and see
 * the same images in the same order.
 *
 * @param mean of the differences
 * @param low lower end of its 95% confidence interval, by Student's t
 * @param high upper end
 */
record Difference(double mean, double low, double high) {
    /** Student's t for 95%, by degrees of freedom from 1 on. */
    private static final double[] STUDENT = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201
    };

    /**
     * Compares.
     *
     * @param runs of one variant, 2 to 12
     * @param others of the other variant, of the same seeds in the same order
     * @param value what is compared
     */
    static Difference between(List<Run> runs, List<Run> others, ToDoubleFunction<Run> value) {
        double[] differences = new double[runs.size()];
        for (int i = 0; i < differences.length; i++) {
            if (runs.get(i).seed() != others.get(i).seed()) {
                throw new IllegalArgumentException(
                        "seed is " + others.get(i).seed() + ", allowed is " + runs.get(i).seed());
            }
            differences[i] =
                    value.applyAsDouble(runs.get(i)) - value.applyAsDouble(others.get(i));
        }
        return of(differences);
    }

    /** Sums up 2 to 12 differences. */
    static Difference of(double... differences) {
        int count = differences.length;
        double mean = mean(differences);
        double margin = STUDENT[count - 2] * deviation(differences) / Math.sqrt(count);
        return new Difference(mean, mean - margin, mean + margin);
    }

    static double mean(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** The sample's standard deviation. */
    static double deviation(double... values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / (values.length - 1));
    }

    boolean isLower() {
        return high < 0;
    }

    boolean isHigher() {
        return low > 0;
    }
}
