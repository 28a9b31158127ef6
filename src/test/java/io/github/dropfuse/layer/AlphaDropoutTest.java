package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlphaDropoutTest {
    private static final double ALPHA = -1.7580993408473766;
    private static final PhiloxState STATE = new PhiloxState(-99, 12);

    @ParameterizedTest
    @ValueSource(doubles = {0, 0x1p-20, 0.1, 0.5, 0.97, 1})
    void equalsItsDefinitionBitForBit(double p) {
        long[][] shapes = {{0}, {1}, {63}, {65}, {513}, {4097}, {3, 5, 7}, {6, 40, 9, 11}};
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                for (long[] shape : shapes) {
                    Tensor x = Samples.any(arena, dtype, 8, shape);
                    matches(arena, new AlphaDropout(p), x);
                    if (shape.length > 2) {
                        matches(arena, new FeatureAlphaDropout(p), x);
                        matches(arena, new FeatureAlphaDropout(p, 2, Channels.LAST), x);
                        matches(arena, new AlphaDropout(p, Units.noiseShape(1, -1)), x);
                    }
                }
            }
        }
    }

    private static void matches(Arena arena, AlphaDropout layer, Tensor x) {
        for (long start : new long[] {0, 509}) {
            AlphaDropout reference = layer.with(Execution.automatic().on(Backends.reference()));
            Mask mask = reference.mask(arena, x, STATE, start);
            Tensor kept = expanded(arena, reference, x, mask);
            Tensor y = expected(arena, layer, x, kept);
            Tensor dx = expectedGradient(arena, layer, x, kept);
            for (Backend backend : Backends.all()) {
                AlphaDropout on = layer.with(Execution.automatic().on(backend));
                String what = backend + " " + layer + " " + x.dtype();
                matches(arena, what, on, x, y, dx, STATE, start);
                matches(arena, what + " stored", on, x, y, dx, mask, 0);
            }
        }
    }

    private static void matches(
            Arena arena,
            String what,
            AlphaDropout layer,
            Tensor x,
            Tensor y,
            Tensor dx,
            MaskSource source,
            long start) {
        Tensor out = Samples.empty(arena, x.dtype(), x.shape());
        layer.forward(x, out, source, start);
        Samples.same(what, y, out);
        layer.backward(x, out, source, start);
        Samples.same(what + " backward", dx, out);
        Tensor inPlace = Samples.copy(arena, x);
        layer.forward(inPlace, inPlace, source, start);
        Samples.same(what + " in place", y, inPlace);
        inPlace = Samples.copy(arena, x);
        layer.backward(inPlace, inPlace, source, start);
        Samples.same(what + " backward in place", dx, inPlace);
    }

    /** 1 for each kept element, 0 for each dropped one: the mask, as Dropout applies it. */
    private static Tensor expanded(Arena arena, AlphaDropout layer, Tensor x, Mask mask) {
        Tensor kept = Samples.filled(arena, DType.FLOAT32, 1, x.shape());
        new Dropout(layer.p(), Scaling.NONE, layer.units())
                .with(layer.execution())
                .forward(kept, kept, mask);
        return kept;
    }

    private static Tensor expected(Arena arena, AlphaDropout layer, Tensor x, Tensor kept) {
        Tensor y = Samples.empty(arena, x.dtype(), x.shape());
        double a = layer.trainingScale();
        double b = layer.shift();
        for (long e = 0; e < x.size(); e++) {
            double value =
                    x.dtype() == DType.FLOAT64
                            ? Math.fma(x.get(e), a, b)
                            : Math.fma((float) x.get(e), (float) a, (float) b);
            y.set(e, kept.get(e) == 1 ? value : layer.droppedValue());
        }
        return y;
    }

    private static Tensor expectedGradient(
            Arena arena, AlphaDropout layer, Tensor dy, Tensor kept) {
        Tensor dx = Samples.empty(arena, dy.dtype(), dy.shape());
        double a = layer.trainingScale();
        for (long e = 0; e < dy.size(); e++) {
            double value =
                    dy.dtype() == DType.FLOAT64 ? dy.get(e) * a : (float) dy.get(e) * (float) a;
            dx.set(e, kept.get(e) == 1 ? value : 0);
        }
        return dx;
    }

    /** Digits from 50-digit decimal arithmetic. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.9212845161497115, 0.16197097005757022, -1.457738730518132",
        "0.2, 0.8789035834435329, 0.3090399621440945, -1.236159848576378",
        "0.5, 0.886404894665932, 0.7791939305180317, -0.7791939305180317",
        "0.9, 1.6261082760401309, 2.5729738994273563, -0.2858859888252618"
    })
    void hasTheConstantsOfThePaper(double p, double a, double b, double c) {
        AlphaDropout layer = new AlphaDropout(p);
        assertEquals(a, layer.trainingScale(), 4 * Math.ulp(a));
        assertEquals(b, layer.shift(), 4 * Math.ulp(b));
        assertEquals(c, layer.droppedValue(), 4 * Math.ulp(a * ALPHA));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.5, 0.8})
    void keepsMeanAndDeviation(double p) {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor x = Tensor.allocate(arena, dtype, 5000);
                Random random = new Random(17);
                for (long e = 0; e < x.size(); e++) {
                    x.set(e, random.nextGaussian());
                }
                Tensor y = Tensor.allocate(arena, dtype, 5000);
                new AlphaDropout(p).forward(x, y, STATE);
                String what = dtype + " at p = " + p;
                assertEquals(Statistics.mean(x), Statistics.mean(y), 0.1, what);
                assertEquals(Statistics.deviation(x), Statistics.deviation(y), 0.1, what);
            }
        }
    }

    @Test
    void dropsChannelsAllOrNone() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 6, 10, 20, 4, 5, 2);
            Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
            FeatureAlphaDropout layer = new FeatureAlphaDropout(0.5);
            layer.forward(x, y, STATE);
            int dropped = 0;
            for (long channel = 0; channel < 200; channel++) {
                int here = 0;
                for (long e = 0; e < 40; e++) {
                    here += y.get(channel * 40 + e) == (float) layer.droppedValue() ? 1 : 0;
                }
                assertTrue(here == 0 || here == 40, here + " of a channel's 40 elements dropped");
                dropped += here / 40;
            }
            assertEquals(100, dropped, 30);
            Tensor one = Samples.empty(arena, DType.FLOAT32, 1, 20, 4, 5, 2);
            Tensor unbatched = Samples.empty(arena, DType.FLOAT32, 20, 4, 5, 2);
            FeatureAlphaDropout three = new FeatureAlphaDropout(0.5, 3, Channels.FIRST);
            three.forward(x.slice(0, 1), one, STATE);
            three.forward(x.slice(0, 1).reshape(20, 4, 5, 2), unbatched, STATE);
            Samples.same("without a batch dimension", one, unbatched);
        }
    }

    @Test
    void isTheIdentityAtTheLeastProbabilities() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.any(arena, DType.FLOAT32, 4, 1000);
            Tensor y = Samples.empty(arena, DType.FLOAT32, 1000);
            new AlphaDropout(0).forward(x, y, STATE);
            Samples.same("p = 0", x, y);
            Tensor ones = Tensor.allocate(arena, DType.FLOAT32, 1000);
            for (long e = 0; e < 1000; e++) {
                ones.set(e, 1 + e * 0x1p-10);
            }
            new AlphaDropout(1e-10).forward(ones, y, STATE);
            Samples.same("p = 1e-10", ones, y);
        }
    }

    @Test
    void dropsEverythingToZero() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.any(arena, DType.FLOAT64, 4, 7, 11);
            Tensor zeros = Tensor.allocate(arena, DType.FLOAT64, 7, 11);
            for (AlphaDropout layer :
                    new AlphaDropout[] {new AlphaDropout(1), new FeatureAlphaDropout(1)}) {
                Tensor y = Samples.copy(arena, x);
                layer.forward(y, y, STATE);
                Samples.same(layer.toString(), zeros, y);
                y = Samples.copy(arena, x);
                layer.backward(y, y, STATE);
                Samples.same(layer + " backward", zeros, y);
            }
        }
    }

    @Test
    void isTheIdentityAtInference() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.any(arena, DType.BFLOAT16, 4, 100);
            Tensor y = Samples.empty(arena, DType.BFLOAT16, 100);
            new AlphaDropout(0.7).infer(x, y);
            Samples.same("inference", x, y);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void refusesOtherProbabilities(double p) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new AlphaDropout(p));
        assertEquals("p is " + p + ", allowed are 0 to 1", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new FeatureAlphaDropout(p));
        assertThrows(
                IllegalArgumentException.class,
                () -> new FeatureAlphaDropout(p, 1, Channels.FIRST));
    }

    @Test
    void refusesVectors() {
        Tensor x = Tensor.of(new float[4], 4);
        assertThrows(
                IllegalArgumentException.class,
                () -> new FeatureAlphaDropout(0.5).forward(x, x, STATE));
        assertThrows(
                IllegalArgumentException.class,
                () -> new FeatureAlphaDropout(0.5, 1, Channels.LAST).backward(x, x, STATE));
    }
}
