package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How often layers keep, with fixed seeds, as other libraries test their own layers. */
@Tag("long")
class FamilyStatisticsTest {
    private static final List<Double> PROBABILITIES = List.of(0.2, 0.5, 0.8);

    @Test
    void meanOfOutputAndGradientIsTheInputs() {
        try (Arena arena = Arena.ofConfined()) {
            long[][] shapes = {{1000}, {100, 50, 4}, {50, 100, 2, 2}, {50, 100, 2, 2, 2}};
            Layer[] layers = {
                new Dropout(0.2), new Dropout1d(0.2), new Dropout2d(0.2), new Dropout3d(0.2)
            };
            for (int i = 0; i < layers.length; i++) {
                Tensor x = Samples.filled(arena, DType.FLOAT32, 1 - 0.2, shapes[i]);
                PhiloxState state = new PhiloxState(5, i);
                layers[i].forward(x, x, state);
                assertEquals(1 - 0.2, Statistics.mean(x), 0.05, layers[i].toString());
                Tensor dy = Samples.filled(arena, DType.FLOAT32, 1, shapes[i]);
                layers[i].backward(dy, dy, state);
                assertEquals(1, Statistics.mean(dy), 0.05, layers[i] + " gradient");
                for (long e = 0; e < x.size(); e++) {
                    assertEquals(x.get(e) == 0, dy.get(e) == 0, layers[i] + " same mask");
                }
            }
        }
    }

    /** The identity at the least p, and nothing but zeros at p = 1, for empty shapes too. */
    @Test
    void extremesOfP() {
        try (Arena arena = Arena.ofConfined()) {
            PhiloxState state = new PhiloxState(5, 5);
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 20, 30, 5);
            Tensor zeros = Samples.filled(arena, DType.FLOAT32, 0, 20, 30, 5);
            for (long[] empty : new long[][] {{0}, {1, 0}, {0, 1, 2}, {2, 0, 3}}) {
                Tensor none = Tensor.allocate(arena, DType.FLOAT32, empty);
                new Dropout(0.5).forward(none, none, state);
                new AlphaDropout(0.5).forward(none, none, state);
                if (empty.length > 1) {
                    new Dropout1d(0.5).forward(none, none, state);
                    new FeatureAlphaDropout(0.5).backward(none, none, state);
                }
            }
            for (double p : new double[] {1e-10, 1}) {
                for (Layer layer :
                        List.of(new Dropout(p), new Dropout1d(p), new DropPath(p))) {
                    Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
                    layer.forward(x, y, state);
                    Samples.same(layer.toString(), p == 1 ? zeros : x, y);
                    layer.backward(x, y, state);
                    Samples.same(layer + " backward", p == 1 ? zeros : x, y);
                }
            }
        }
    }

    /** Kept channels are binomial. */
    @Test
    void channelsAreKeptAsOftenAsTheyShould() {
        int trials = 250;
        try (Arena arena = Arena.ofConfined()) {
            for (long seed = 0; seed < 10; seed++) {
                for (double p : PROBABILITIES) {
                    for (ScaledDropout layer :
                            List.of(
                                    new Dropout2d(p),
                                    new Dropout2d(p, Channels.LAST, Scaling.NONE))) {
                        long kept = 0;
                        long units = 0;
                        for (int trial = 0; trial < trials; trial++) {
                            Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 5, 3, 4, 4);
                            layer.forward(x, x, new PhiloxState(seed, trial));
                            units += layer.units(x);
                            kept += Math.round(Statistics.sum(x) / (x.size() / layer.units(x))
                                    / (float) layer.trainingScale());
                        }
                        double sigma = Math.sqrt(units * p * (1 - p));
                        assertEquals(
                                units * (1 - p), kept, 4 * sigma, layer + " of seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void meanOfManyOnesIsOne() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 20, 500);
            new Dropout(0.5).forward(x, x, new PhiloxState(1337, 0));
            assertEquals(1, Statistics.mean(x), 0.02);
            Tensor shared = Samples.filled(arena, DType.FLOAT32, 1, 20, 500);
            new Dropout(0.5, Scaling.IN_TRAINING, Units.noiseShape(20, 1))
                    .forward(shared, shared, new PhiloxState(1337, 1));
            for (long e = 0; e < shared.size(); e++) {
                assertEquals(shared.get(e / 500 * 500), shared.get(e));
            }
        }
    }

    /** Over many calls each position of a sample axis is dropped on its own. */
    @Test
    void positionsAreIndependent() {
        int trials = 1000;
        int samples = 48;
        int[] kept = new int[samples];
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, samples, 3);
            DropPath layer = new DropPath(0.5);
            for (int trial = 0; trial < trials; trial++) {
                Mask mask = layer.mask(arena, x, new PhiloxState(73, trial));
                for (int sample = 0; sample < samples; sample++) {
                    kept[sample] += mask.keeps(sample) ? 1 : 0;
                }
            }
        }
        int all = 0;
        for (int sample = 0; sample < samples; sample++) {
            assertEquals(500, kept[sample], 4.1 * Math.sqrt(trials * 0.25), "sample " + sample);
            all += kept[sample];
        }
        assertEquals(0.5 * trials * samples, all, 4 * Math.sqrt(0.25 * trials * samples));
    }

    /** A fused form keeps what its layer keeps: the mean of dropout added to zero is the input's. */
    @Test
    void fusedFormsKeepTheMean() {
        try (Arena arena = Arena.ofConfined()) {
            for (double p : PROBABILITIES) {
                Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 400, 50);
                Tensor out = Samples.filled(arena, DType.FLOAT32, 0, 400, 50);
                new DropoutAdd(new Dropout(p)).forward(x, null, out, out, new PhiloxState(3, 1));
                double sigma = Math.sqrt(p / (1 - p) / x.size());
                assertEquals(1, Statistics.mean(out), 4 * sigma, "p = " + p);
                Tensor rows = Samples.filled(arena, DType.FLOAT32, 0, 20_000, 1);
                Tensor ones = Samples.filled(arena, DType.FLOAT32, 1, 20_000, 1);
                new DropPathAdd(new DropPath(p))
                        .forward(ones, null, rows, rows, new PhiloxState(3, 2));
                assertEquals(1, Statistics.mean(rows), 4 * sigma, "p = " + p);
                assertTrue(
                        Statistics.sum(rows) != Statistics.sum(out), "each has its own decisions");
            }
        }
    }
}
