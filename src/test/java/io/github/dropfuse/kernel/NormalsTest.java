package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Normal numbers: how they are drawn, how exact they are, and how random. */
class NormalsTest {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
    private static final int MANY = 1 << 23;
    private static final double LEAST = 1e-6;

    /** All values that there are: 2^15 - 64 slices, and 64 that are cut into 2^16 each. */
    @Test
    void everyValueIsExactToTheStatedBound() {
        double worst = 0;
        double second = 0;
        for (int a = Normals.OUTERMOST; a < 1 << 15; a++) {
            float n = Normals.quantile(2 * a + 1);
            worst = Math.max(worst, Math.abs(n - upper((a + 0.5) * 0x1p-16)));
            second += 2 * 0x1p-16 * n * n;
        }
        for (int cut = 0; cut < Normals.OUTERMOST << 16; cut++) {
            float n = Normals.quantile((2 * cut + 1) * 0x1p-16f);
            if (cut % 64 == 0 || cut < 4096) {
                worst = Math.max(worst, Math.abs(n - upper((cut + 0.5) * 0x1p-32)));
            }
            second += 2 * 0x1p-32 * n * n;
        }
        assertTrue(worst < 4.1e-6, "off by " + worst);
        assertEquals(1 - 2.4e-8, second, 1e-9);
        assertEquals(6.338, Normals.quantile(0x1p-16f), 1e-3);
    }

    private static double upper(double probability) {
        return NORMAL.inverseSurvivalProbability(probability);
    }

    /** From the documentation, a unit at a time. */
    private static float oracle(long seed, long offset, long i) {
        long tile = Long.divideUnsigned(i, 256);
        int e = (int) Long.remainderUnsigned(i, 256);
        int word = e % 128 / 32;
        long block = tile * 32 + e % 32;
        int[] key = {(int) seed, (int) (seed >>> 32)};
        int[] counter = {
            (int) block,
            (int) (block >>> 32) | 0x80000000,
            (int) offset,
            (int) (offset >>> 32) | 0x80000000
        };
        int half = Oracle.philox(counter, key)[word] >>> (e < 128 ? 0 : 16) & 0xFFFF;
        int a = half & 0x7FFF;
        double t = 2 * a + 1;
        if (a < 64) {
            long group = Long.divideUnsigned(i, 8);
            counter[0] = (int) group;
            counter[1] = (int) (group >>> 32) | 0xA0000000;
            int[] words = Oracle.philox(counter, key);
            long r = words[(int) (i & 7) / 2] >>> 16 * (int) (i & 1) & 0xFFFF;
            t = (2 * ((long) a * 65536 + r) + 1) / 65536.0;
        }
        float n = Normals.quantile((float) t);
        return half < 0x8000 ? n : -n;
    }

    @Test
    void everyBackendDrawsThem() {
        long[] starts = {
            0, 1, 255, (1L << 32) - 700, (1L << 35) - 700, (1L << 61) - 5, -2001, 0x123456789ABCDEFL
        };
        long[] offsets = {0, 1, 1L << 32, Long.MAX_VALUE};
        int tails = 0;
        for (long start : starts) {
            for (long offset : offsets) {
                float[] expected = new float[2001];
                for (int k = 0; k < expected.length; k++) {
                    expected[k] = oracle(0xFEDCBA9876543210L + offset, offset, start + k);
                    tails += Math.abs(expected[k]) > 3.098 ? 1 : 0;
                }
                for (Kernels kernels : BackendRegistry.get().available()) {
                    float[] drawn = new float[2001];
                    addNoise(
                            kernels, new PhiloxState(0xFEDCBA9876543210L + offset, offset), start,
                            Tensor.of(drawn, 2001), Range.ALL);
                    for (int k = 0; k < expected.length; k++) {
                        assertEquals(
                                expected[k], drawn[k],
                                kernels.place().tier() + " unit " + (start + k) + " of call " + offset);
                    }
                }
            }
        }
        assertTrue(tails > 50, tails + " second draws");
    }

    private static float[] draw(long seed, long offset, int count) {
        float[] n = new float[count];
        Kernels best = BackendRegistry.get().available().getFirst();
        addNoise(best, new PhiloxState(seed, offset), 0, Tensor.of(n, count), Range.ALL);
        return n;
    }

    private static void addNoise(
            Kernels kernels, PhiloxState state, long start, Tensor y, Range range) {
        Effect noise = Effect.drop(0, 1.0).as(Effect.Form.ADDED_NOISE);
        kernels.apply(noise, state, new Layout(1, 1, 1, 1, start), y, null, null, y, range);
    }

    @Test
    @Tag("long")
    void hasTheMomentsOfANormalDistribution() {
        double[] sums = new double[9];
        for (float n : draw(1, 0, MANY)) {
            double power = 1;
            for (int k = 1; k <= 8; k++) {
                power *= n;
                sums[k] += power;
            }
        }
        double[] moments = {1, 0, 1, 0, 3, 0, 15, 0, 105};
        double[] squares = {1, 1, 3, 15, 105, 945, 10395, 135135, 2027025};
        for (int k = 1; k <= 8; k++) {
            double sigma = Math.sqrt((squares[k] - moments[k] * moments[k]) / MANY);
            assertEquals(moments[k], sums[k] / MANY, 4.5 * sigma, "moment " + k);
        }
    }

    /** Kolmogorov and Smirnov: the greatest distance of the distribution functions. */
    @Test
    @Tag("long")
    void hasTheDistributionFunction() {
        for (long seed = 0; seed < 4; seed++) {
            float[] sorted = draw(seed, 5, 1 << 21);
            java.util.Arrays.sort(sorted);
            double distance = 0;
            for (int k = 0; k < sorted.length; k++) {
                double f = NORMAL.cumulativeProbability(sorted[k]);
                distance = Math.max(distance, Math.abs(f - (k + 0.5) / sorted.length));
            }
            double x = distance * Math.sqrt(sorted.length);
            assertTrue(2 * Math.exp(-2 * x * x) > LEAST, "seed " + seed + ": " + x);
        }
    }

    @Test
    @Tag("long")
    void hasTheTails() {
        long[] beyond = new long[6];
        long[] below = new long[6];
        int calls = 8;
        for (int call = 0; call < calls; call++) {
            for (float n : draw(2, call, MANY)) {
                for (int sigma = 1; sigma <= 5 && Math.abs(n) > sigma; sigma++) {
                    (n > 0 ? beyond : below)[sigma]++;
                }
            }
        }
        for (int sigma = 1; sigma <= 5; sigma++) {
            double expected = (double) calls * MANY * NORMAL.survivalProbability(sigma);
            double bound = 4.5 * Math.sqrt(expected) + 1;
            assertEquals(expected, beyond[sigma], bound, "above " + sigma);
            assertEquals(expected, below[sigma], bound, "below -" + sigma);
        }
    }

    /** Numbers that share a vector, a word or a tile, and those of the next call and seed. */
    @Test
    @Tag("long")
    void areIndependent() {
        float[] n = draw(3, 7, 1 << 22);
        for (int lag = 1; lag <= 260; lag++) {
            check("lag " + lag, n, n, lag);
        }
        check("next call", n, draw(3, 8, 1 << 22), 0);
        check("next seed", n, draw(4, 7, 1 << 22), 0);
        float[] mask = new float[1 << 22];
        java.util.Arrays.fill(mask, 1);
        Tensor y = Tensor.of(mask, mask.length);
        ReferenceKernels.INSTANCE.apply(
                Effect.drop(0.5, 2), new PhiloxState(3, 7), Layout.ELEMENTS, y, null, null, y,
                Range.ALL);
        for (int i = 0; i < mask.length; i++) {
            mask[i] -= 1;
        }
        check("mask", mask, n, 0);
    }

    /** Correlation of values, and of squares. */
    private static void check(String what, float[] a, float[] b, int lag) {
        double plain = 0;
        double squares = 0;
        int count = a.length - lag;
        for (int i = 0; i < count; i++) {
            double x = a[i];
            double y = b[i + lag];
            plain += x * y;
            squares += (x * x - 1) * (y * y - 1) / 2;
        }
        double bound = 5.2 * Math.sqrt(count);
        assertEquals(0, plain, bound, what);
        assertEquals(0, squares, bound, what + ", squares");
    }

    /** Equal counts in 256 intervals of equal probability, for each place within a tile. */
    @Test
    void fillsItsIntervalsAtEveryPlace() {
        float[] n = draw(5, 1, MANY);
        for (int place = 0; place < 256; place += 5) {
            long[] counts = new long[256];
            for (int i = place; i < n.length; i += 256) {
                counts[(int) (NORMAL.cumulativeProbability(n[i]) * 256)]++;
            }
            double expected = n.length / 256.0 / 256.0;
            double sum = 0;
            for (long count : counts) {
                sum += (count - expected) * (count - expected) / expected;
            }
            assertTrue(
                    ChiSquaredDistribution.of(255).survivalProbability(sum) > LEAST,
                    "place " + place + ": " + sum);
        }
    }

    @Test
    void touchesNothingElse() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(4 * 1000);
            all.fill((byte) 7);
            for (Kernels kernels : BackendRegistry.get().available()) {
                multiplyNoise(kernels, all, new Range(100, 0));
                assertEquals(-1, all.mismatch(MemorySegment.ofArray(filled())));
                multiplyNoise(kernels, all, new Range(100, 1));
                assertEquals(400, all.mismatch(MemorySegment.ofArray(filled())) & ~3);
                all.asSlice(400, 4).fill((byte) 7);
                assertEquals(0x07070707, all.get(ValueLayout.JAVA_INT, 404));
            }
        }
    }

    private static void multiplyNoise(Kernels kernels, MemorySegment memory, Range range) {
        Effect noise = Effect.drop(0, 1.0).as(Effect.Form.MULTIPLIED_NOISE);
        Tensor y = Tensor.of(memory, DType.FLOAT32, 1000);
        kernels.apply(
                noise, new PhiloxState(1, 1), Layout.ELEMENTS, y, null, null, y, range);
    }

    private static byte[] filled() {
        byte[] sevens = new byte[4000];
        java.util.Arrays.fill(sevens, (byte) 7);
        return sevens;
    }
}
