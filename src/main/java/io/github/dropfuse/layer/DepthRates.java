package io.github.dropfuse.layer;

import java.util.Arrays;
import java.util.Objects;

/**
 * Drop probabilities for the blocks of a network, by their depth: one layer, such as a {@link
 * DropPath}, is made for each. In float64, and the last rate is exactly the one asked for.
 *
 * <pre>{@code
 * DropPath[] paths =
 *         Arrays.stream(DepthRates.linear(0.1, 12)).mapToObj(DropPath::new).toArray(DropPath[]::new);
 * }</pre>
 */
public final class DepthRates {
    private DepthRates() {}

    /**
     * Evenly from 0 for the first block to the rate for the last, as published. A single block gets
     * 0.
     *
     * @param rate probability for the last block, 0 to 1
     * @param depth number of blocks, at least 1
     * @return a probability for each block
     */
    public static double[] linear(double rate, int depth) {
        check(rate, depth);
        double[] rates = new double[depth];
        for (int block = 1; block < depth; block++) {
            rates[block] = rate * ((double) block / (depth - 1));
        }
        return rates;
    }

    /**
     * The same rate for every block.
     *
     * @param rate probability for each block, 0 to 1
     * @param depth number of blocks, at least 1
     * @return a probability for each block
     */
    public static double[] uniform(double rate, int depth) {
        check(rate, depth);
        double[] rates = new double[depth];
        Arrays.fill(rates, rate);
        return rates;
    }

    /**
     * Evenly from 0 for the first stage to the rate for the last, where all blocks of a stage share
     * a rate. A single stage gets 0.
     *
     * @param rate probability for the last stage, 0 to 1
     * @param depths number of blocks of each stage, at least 1; at least one stage
     * @return a probability for each block of each stage, in order
     */
    public static double[] stagewise(double rate, int... depths) {
        int[] sizes = Objects.requireNonNull(depths, "depths").clone();
        double[] stages = linear(rate, sizes.length);
        for (int depth : sizes) {
            check(rate, depth);
        }
        double[] rates = new double[Math.toIntExact(Arrays.stream(sizes).asLongStream().sum())];
        int block = 0;
        for (int stage = 0; stage < stages.length; stage++) {
            Arrays.fill(rates, block, block + sizes[stage], stages[stage]);
            block += sizes[stage];
        }
        return rates;
    }

    private static void check(double rate, int depth) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate is " + rate + ", allowed are 0 to 1");
        }
        if (depth < 1) {
            throw new IllegalArgumentException("depth is " + depth + ", allowed are 1 to 2^31 - 1");
        }
    }
}
