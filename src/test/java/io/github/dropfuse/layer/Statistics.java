package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.lang.foreign.ValueLayout;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Moments of tensors, and tests of masks as random numbers. Each test gives the probability that a
 * true random source does as badly; seeds are fixed, so what passes once passes always.
 */
final class Statistics {
    /** No single figure may be less likely than this. */
    static final double LEAST = 1e-6;

    private Statistics() {}

    static double sum(Tensor x) {
        double sum = 0;
        for (long e = 0; e < x.size(); e++) {
            sum += x.get(e);
        }
        return sum;
    }

    static double mean(Tensor x) {
        return sum(x) / x.size();
    }

    static double deviation(Tensor x) {
        double mean = mean(x);
        double squares = 0;
        for (long e = 0; e < x.size(); e++) {
            squares += (x.get(e) - mean) * (x.get(e) - mean);
        }
        return Math.sqrt(squares / x.size());
    }

    /** Chi-square over the patterns of aligned groups of 4 or 8 units. */
    static double patterns(Mask mask, int group, double p) {
        long[] counts = new long[1 << group];
        long octets = mask.units() / 8;
        for (long i = 0; i < octets; i++) {
            int bits = mask.segment().get(ValueLayout.JAVA_BYTE, i) & 0xFF;
            if (group == 8) {
                counts[bits]++;
            } else {
                counts[bits & 15]++;
                counts[bits >> 4]++;
            }
        }
        double[] expected = new double[counts.length];
        for (int pattern = 0; pattern < counts.length; pattern++) {
            int kept = Integer.bitCount(pattern);
            expected[pattern] =
                    octets * (8.0 / group) * Math.pow(1 - p, kept) * Math.pow(p, group - kept);
        }
        return chiSquare(counts, expected);
    }

    static double chiSquare(long[] counts, double[] expected) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
        }
        return ChiSquaredDistribution.of(counts.length - 1).survivalProbability(sum);
    }

    /**
     * Agreement of unit i of one mask with unit i + lag of another, over all i that both have; for
     * independent units it has probability p^2 + (1 - p)^2.
     */
    static double agreement(Mask a, Mask b, int lag, double p) {
        Mask ahead = lag < 0 ? a : b;
        Mask behind = lag < 0 ? b : a;
        int shift = Math.abs(lag);
        long words = (behind.units() - shift) / 64 - 1;
        long agreeing = 0;
        for (long i = 0; i < words; i++) {
            long left = word(behind, i);
            long right =
                    shift % 64 == 0
                            ? word(ahead, i + shift / 64)
                            : word(ahead, i) >>> shift | word(ahead, i + 1) << 64 - shift;
            agreeing += Long.bitCount(~(left ^ right));
        }
        return twoSided(words * 64, agreeing, p * p + (1 - p) * (1 - p));
    }

    /** Two-sided binomial test by the exact distribution; past 2^31 trials by its normal limit. */
    static double twoSided(long trials, long successes, double probability) {
        double mean = trials * probability;
        double z = (successes - mean) / Math.sqrt(mean * (1 - probability));
        if (trials > Integer.MAX_VALUE || Math.abs(z) > 40) {
            return 2 * NormalDistribution.of(0, 1)
                    .survivalProbability(Math.abs(z));
        }
        BinomialDistribution law = BinomialDistribution.of((int) trials, probability);
        double tail =
                successes < mean
                        ? law.cumulativeProbability((int) successes)
                        : law.survivalProbability((int) successes - 1);
        return Math.min(1, 2 * tail);
    }

    private static long word(Mask mask, long index) {
        return mask.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, index * 8);
    }
}
