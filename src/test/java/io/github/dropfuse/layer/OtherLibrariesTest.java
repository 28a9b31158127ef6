package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the test suites of other libraries ask of their layers, asked of ours, with their sizes and
 * bounds. Further ones stand where they belong: means, extremes, fused forms in {@link
 * FamilyStatisticsTest} and {@link ResidualTest}, gradients in {@link GradientCheckTest}.
 */
class OtherLibrariesTest {
    private static final PhiloxState STATE = new PhiloxState(17, 1);
    private static final List<Double> PROBABILITIES = List.of(0.2, 0.5, 0.8);

    private static final List<DoubleFunction<Layer>> CHANNEL_LAYERS =
            List.of(Dropout1d::new, Dropout2d::new, Dropout3d::new);

    private static Tensor normal(Arena arena, long seed, long... shape) {
        Tensor x = Samples.empty(arena, DType.FLOAT32, shape);
        Random random = new Random(seed);
        for (long e = 0; e < x.size(); e++) {
            x.set(e, random.nextGaussian());
        }
        return x;
    }

    @Nested
    class Torch {
        @Test
        void channelsAreDroppedAllOrNone() {
            try (Arena arena = Arena.ofConfined()) {
                for (int d = 1; d <= 3; d++) {
                    long[] shape = new long[d + 2];
                    Arrays.fill(shape, 3);
                    shape[0] = 10;
                    shape[1] = 40;
                    Tensor x = Samples.filled(arena, DType.FLOAT32, 1, shape);
                    CHANNEL_LAYERS.get(d - 1).apply(0.5).forward(x, x, STATE);
                    long run = x.size() / 400;
                    int dropped = 0;
                    for (long channel = 0; channel < 400; channel++) {
                        double first = x.get(channel * run);
                        assertTrue(first == 0 || first == 2, "value " + first);
                        dropped += first == 0 ? 1 : 0;
                        for (long e = 1; e < run; e++) {
                            assertEquals(first, x.get(channel * run + e));
                        }
                    }
                    assertEquals(200, dropped, 40);
                }
            }
        }

        @Test
        void withoutABatchIsABatchOfOne() {
            long[][] shapes = {{1, 16, 9}, {1, 16, 3, 5}, {1, 16, 3, 5, 2}};
            try (Arena arena = Arena.ofConfined()) {
                for (int d = 1; d <= 3; d++) {
                    Layer layer = CHANNEL_LAYERS.get(d - 1).apply(0.5);
                    Tensor x = Samples.any(arena, DType.FLOAT32, d, shapes[d - 1]);
                    Tensor batched = Samples.empty(arena, DType.FLOAT32, x.shape());
                    Tensor unbatched = Samples.empty(arena, DType.FLOAT32, x.shape());
                    long[] shape = Arrays.copyOfRange(x.shape(), 1, d + 2);
                    layer.forward(x, batched, STATE);
                    layer.forward(x.reshape(shape), unbatched.reshape(shape), STATE);
                    Samples.same(layer.toString(), batched, unbatched);
                }
            }
        }

        @Test
        void everyLayerRefusesProbabilitiesOutsideOfItsRange() {
            List<DoubleFunction<Object>> layers =
                    List.of(
                            Dropout::new, Dropout1d::new, Dropout2d::new, Dropout3d::new,
                            DropPath::new, AlphaDropout::new, FeatureAlphaDropout::new,
                            GaussianDropout::new, p -> new DropBlock(2, p, 3),
                            p -> new TokenDrop(p, 0), p -> new Dropout(0.5).withP(p),
                            p -> new Dropout1d(0.5).withP(p), p -> new Dropout2d(0.5).withP(p),
                            p -> new Dropout3d(0.5).withP(p), p -> new DropPath(0.5).withP(p),
                            p -> new AlphaDropout(0.5).withP(p),
                            p -> new FeatureAlphaDropout(0.5).withP(p));
            for (DoubleFunction<Object> layer : layers) {
                for (double p : new double[] {-0.1, 1.1}) {
                    IllegalArgumentException e =
                            assertThrows(IllegalArgumentException.class, () -> layer.apply(p));
                    assertTrue(e.getMessage().startsWith("p is " + p), e.getMessage());
                }
            }
        }

        /** PyTorch's AlphaDropout ignores inplace; Smile's dropout_ has no effect. */
        @Test
        void inPlaceGivesWhatOutOfPlaceGives() {
            try (Arena arena = Arena.ofConfined()) {
                for (Layer layer :
                        List.of(
                                new Dropout(0.3), new Dropout2d(0.3), new DropPath(0.3),
                                new AlphaDropout(0.3), new FeatureAlphaDropout(0.3))) {
                    Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 20, 30, 5, 2);
                    Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
                    Tensor before = Samples.copy(arena, x);
                    layer.forward(x, y, STATE);
                    Samples.same(layer + " leaves x", before, x);
                    layer.forward(x, x, STATE);
                    Samples.same(layer + " in place", y, x);
                    assertTrue(x.segment().mismatch(before.segment()) >= 0, layer + " acts");
                }
            }
        }

        @Test
        void featureAlphaKeepsMeanAndDeviation() {
            try (Arena arena = Arena.ofConfined()) {
                for (double p : PROBABILITIES) {
                    Tensor x = normal(arena, 23, 5000, 1, 1);
                    Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
                    new FeatureAlphaDropout(p).forward(x, y, STATE);
                    assertEquals(Statistics.mean(x), Statistics.mean(y), 0.1, "mean at p = " + p);
                    assertEquals(
                            Statistics.deviation(x), Statistics.deviation(y), 0.1,
                            "deviation at p = " + p);
                }
            }
        }
    }

    @Nested
    class TorchvisionAndTimm {
        /** 250 trials for each seed, p and mode; no p-value of 60 below 0.0005, few below 0.01. */
        @Test
        void stochasticDepthIsBinomial() {
            int unlikely = 0;
            for (int seed = 0; seed < 10; seed++) {
                for (double p : PROBABILITIES) {
                    for (DropPath.Mode mode : DropPath.Mode.values()) {
                        double value = probability(new DropPath(p, mode, Scaling.IN_TRAINING), seed);
                        assertTrue(value > 5e-4, mode + ", p = " + p + ", seed " + seed);
                        unlikely += value > 0.01 ? 0 : 1;
                    }
                }
            }
            assertTrue(unlikely <= 3, unlikely + " of 60 p-values below 0.01");
        }

        private static double probability(DropPath layer, int seed) {
            int trials = 250;
            int samples = 5;
            long units = 0;
            long kept = 0;
            try (Arena arena = Arena.ofConfined()) {
                for (int trial = 0; trial < trials; trial++) {
                    Tensor x = Samples.filled(arena, DType.FLOAT32, 1, samples, 3, 4, 4);
                    layer.forward(x, x, new PhiloxState(seed, trial));
                    boolean batch = layer.mode() == DropPath.Mode.BATCH;
                    for (int sample = 0; sample < (batch ? 1 : samples); sample++) {
                        units++;
                        kept += x.get(sample * 48L) == 0 ? 0 : 1;
                    }
                }
            }
            return Statistics.twoSided(units, kept, 1 - layer.p());
        }

        /** torchvision allows a relative error of 0.15, timm 0.03 of all at (32, 16, 56, 56). */
        @Test
        void dropBlockDropsItsShare() {
            try (Arena arena = Arena.ofConfined()) {
                for (double p : new double[] {0.1, 0.2, 0.5}) {
                    for (int side : new int[] {3, 5, 7}) {
                        for (DropBlock.Centres centres : DropBlock.Centres.values()) {
                            DropBlock two = new DropBlock(2, p, side).with(centres);
                            assertEquals(p, dropped(arena, two, 32, 16, 56, 56), 0.03, () -> "" + two);
                            assertEquals(p, dropped(arena, two, 40, 20, 28, 28), 0.15 * p);
                            DropBlock three = new DropBlock(3, p, side).with(centres);
                            assertEquals(p, dropped(arena, three, 40, 20, 14, 14, 14), 0.15 * p);
                        }
                    }
                }
            }
        }

        private static double dropped(Arena arena, DropBlock layer, long... shape) {
            Mask mask = layer.mask(arena, Tensor.allocate(arena, DType.BFLOAT16, shape), STATE);
            return 1 - (double) mask.kept() / mask.units();
        }

        /** TransformerEngine's DropPath in bfloat16 gives values of 2 for p = 0.1. */
        @Test
        void keptOnesAreTheScaleInEachType() {
            try (Arena arena = Arena.ofConfined()) {
                for (DType dtype : DType.values()) {
                    Tensor x = Samples.filled(arena, dtype, 1, 1000, 4);
                    Tensor scale = Samples.filled(arena, dtype, 1 / 0.9, 1);
                    new DropPath(0.1).forward(x, x, STATE);
                    for (long e = 0; e < x.size(); e++) {
                        assertTrue(x.get(e) == 0 || x.get(e) == scale.get(0), dtype + " " + x.get(e));
                    }
                }
            }
        }
    }

    @Nested
    class Xformers {
        private static final int BATCH = 48;
        private static final int TOKENS = 257;
        private static final int CHANNELS = 1536;
        private static final int SAMPLE = TOKENS * CHANNELS;

        @Test
        @Tag("long")
        void selectsAndAddsScaledRows() {
            long[] order =
                    new Random(4)
                            .ints(0, BATCH).distinct().limit(BATCH * 3 / 5).asLongStream()
                            .toArray();
            KeptSamples kept = KeptSamples.of(BATCH, 0.73, order);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = filledQuickly(arena, BATCH, 1);
                Tensor rows = Tensor.allocate(arena, DType.FLOAT32, order.length, TOKENS, CHANNELS);
                kept.gather(x, rows);
                for (int j = 0; j < order.length; j++) {
                    Tensor from = x.slice(order[j], order[j] + 1);
                    assertEquals(-1, from.segment().mismatch(rows.slice(j, j + 1).segment()));
                }
                Tensor sum = Tensor.allocate(arena, DType.FLOAT32, BATCH, TOKENS, CHANNELS);
                sum.segment().copyFrom(x.segment());
                Tensor branch = filledQuickly(arena, order.length, 2);
                kept.scatterAdd(branch, sum);
                long[] rowOf = new long[BATCH];
                Arrays.fill(rowOf, -1);
                IntStream.range(0, order.length).forEach(j -> rowOf[(int) order[j]] = j);
                for (int n = 0; n < BATCH; n++) {
                    for (long e = 0; e < SAMPLE; e += 7) {
                        float wanted = (float) x.get((long) n * SAMPLE + e);
                        if (rowOf[n] >= 0) {
                            wanted += 0.73f * (float) branch.get(rowOf[n] * SAMPLE + e);
                        }
                        assertEquals(wanted, (float) sum.get((long) n * SAMPLE + e));
                    }
                }
            }
        }

        private static Tensor filledQuickly(Arena arena, int rows, int salt) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, rows, TOKENS, CHANNELS);
            for (long e = 0; e < x.size(); e++) {
                x.set(e, (e * 2654435761L + salt) % 2039 * 0x1p-10 - 1);
            }
            return x;
        }
    }

    @Nested
    class KerasAndFlax {
        @Test
        void alphaDropoutKeepsAStandardisedInput() {
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = normal(arena, 1337, 20, 500);
                new AlphaDropout(0.1).forward(x, x, STATE);
                assertEquals(0, Statistics.mean(x), 0.1);
                assertEquals(1, Statistics.deviation(x), 0.1);
            }
        }

        @Test
        void gaussianNoiseHasItsDeviation() {
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 20, 500);
                new GaussianNoise(0.3).forward(x, x, STATE);
                assertEquals(1, Statistics.mean(x), 0.02);
                assertEquals(0.3, Statistics.deviation(x), 0.02);
            }
        }

        @Test
        void everyRateIsKept() {
            try (Arena arena = Arena.ofConfined()) {
                for (int tenths = 1; tenths <= 9; tenths++) {
                    double p = tenths / 10.0;
                    Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 400, 20);
                    Mask mask = new Dropout(p).mask(arena, x, new PhiloxState(5, tenths));
                    double sigma = Math.sqrt(x.size() * p * (1 - p));
                    assertEquals(x.size() * (1 - p), mask.kept(), 4 * sigma, "p = " + p);
                }
            }
        }
    }

    @Nested
    class Dl4j {
        @Test
        void schedulesAndStatesSurviveBeingWritten() throws IOException {
            for (Schedule schedule :
                    List.of(
                            Schedule.constant(0.3), Schedule.linear(0, 0.2, 10_000),
                            Schedule.step(0.8, 0.5, 100), Schedule.exponential(0.9, 0.99))) {
                assertEquals(schedule, again(schedule));
            }
            Generator generator = Generator.seeded(-7);
            generator.next();
            PhiloxState state = again(generator.state());
            assertEquals(generator.next(), Generator.from(state).next());
        }

        @Test
        void statesOfPytorchSurviveBeingWritten() throws IOException {
            TorchGenerator generator = TorchGenerator.seeded(-7);
            generator.advance(1000);
            TorchState state = generator.state();
            String json = JSON.std.asString(Map.of("words", state.words(), "used", state.used()));
            Map<String, Object> read = JSON.std.mapFrom(json);
            int[] words =
                    ((List<?>) read.get("words"))
                            .stream().mapToInt(word -> (Integer) word).toArray();
            TorchState again = TorchState.of(words, (Integer) read.get("used"));
            assertEquals(state, again);
            TorchGenerator other = TorchGenerator.from(again);
            generator.advance(700);
            other.advance(700);
            assertEquals(generator.state(), other.state());
        }

        @SuppressWarnings("unchecked")
        private static <T> T again(T value) throws IOException {
            return (T) JSON.std.beanFrom(value.getClass(), JSON.std.asString(value));
        }

        /** libnd4j takes an output of 0 for a dropped one; a kept 0 has a gradient. */
        @Test
        void keptZerosHaveAGradient() {
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Samples.filled(arena, DType.FLOAT32, 0, 1000);
                Tensor dy = Samples.filled(arena, DType.FLOAT32, 1, 1000);
                Dropout layer = new Dropout(0.5);
                Mask mask = layer.mask(arena, x, STATE);
                layer.forward(x, x, STATE);
                layer.backward(dy, dy, STATE);
                for (long e = 0; e < 1000; e++) {
                    assertEquals(mask.keeps(e) ? 2 : 0, dy.get(e));
                }
            }
        }
    }
}
