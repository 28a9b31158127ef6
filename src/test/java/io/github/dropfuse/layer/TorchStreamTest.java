package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MersenneTwister;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.testing.MaskVectors;
import io.github.dropfuse.testing.TorchVectors;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's own masks: its recorded outputs, and every backend against the formulas. */
class TorchStreamTest {
    private static final double[] PROBABILITIES = {
        0, 0x1p-60, 0x1p-30, 1e-3, 0.1, 0.3, 0.5, 0.9, 1 - 0x1p-20, 1
    };
    private static final int[] SIZES = {
        0, 1, 7, 8, 9, 63, 64, 65, 226, 227, 228, 311, 312, 313, 396, 397, 398, 623, 624, 625, 1249, 4097
    };

    static List<Arguments> recorded() {
        List<Arguments> cases = new ArrayList<>();
        for (TorchVectors.Case recorded : TorchVectors.all()) {
            for (Backend backend : Backends.all()) {
                cases.add(Arguments.of(recorded, backend));
            }
        }
        return cases;
    }

    @ParameterizedTest(name = "{1} {0}")
    @MethodSource("recorded")
    void givesWhatPytorchGave(TorchVectors.Case recorded, Backend backend) {
        double p = recorded.p();
        Execution on = Execution.automatic().on(backend);
        ScaledDropout layer =
                recorded.isDropPath()
                        ? new DropPath(p).with(on)
                        : new Dropout(p).with(on);
        TorchStream stream = recorded.stream();
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, recorded.dtype(), recorded.shape());
            recorded.fill(x);
            TorchGenerator generator = TorchGenerator.seeded(recorded.manualSeed());
            Tensor y = Tensor.allocate(arena, recorded.dtype(), recorded.shape());
            for (int call = 0; call < recorded.calls(); call++) {
                layer.forward(x, y, generator.next(stream));
            }
            for (int e = 0; e < 8; e++) {
                assertEquals(recorded.first8().get(e), y.get(e));
            }
            assertEquals(recorded.sha256(), MaskVectors.sha256(y.segment()));
        }
    }

    static List<Arguments> matrix() {
        List<Arguments> cases = new ArrayList<>();
        for (TorchStream stream : TorchStream.values()) {
            for (DType dtype : DType.values()) {
                cases.add(Arguments.of(stream, dtype));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void followsTheFormulas(TorchStream stream, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            for (double p : PROBABILITIES) {
                for (int size : SIZES) {
                    check(arena, stream, dtype, p, Units.elements(), size);
                }
                check(arena, stream, dtype, p, Units.samples(), 31, 2, 67);
                check(arena, stream, dtype, p, Units.channels(), 3, 41, 2, 5);
                check(arena, stream, dtype, p, Units.channels(2, Channels.LAST), 2, 5, 3, 41);
                check(arena, stream, dtype, p, Units.noiseShape(3, 1, 5, 1), 3, 2, 5, 4);
            }
        }
    }

    private static void check(
            Arena arena, TorchStream stream, DType dtype, double p, Units units, long... shape) {
        Tensor x = Samples.any(arena, dtype, 4, shape);
        Dropout layer = new Dropout(p, Scaling.IN_TRAINING, units);
        Oracle oracle = new Oracle(77, 1000);
        boolean[] kept = new boolean[(int) layer.units(x)];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = oracle.keeps(stream, dtype, p);
        }
        Mask places = Mask.allocate(arena, kept.length);
        for (int i = 0; i < kept.length; i++) {
            places.set(i, kept[i]);
        }
        Tensor expected = expected(arena, layer, x, places, stream, p);
        for (Backend backend : Backends.all()) {
            Dropout on = layer.with(Execution.automatic().on(backend));
            String what = backend + " p = " + p + " " + x.size() + " of " + units;
            TorchGenerator generator = TorchGenerator.seeded(77);
            generator.advance(1000);
            TorchState before = generator.state();
            Mask mask = on.mask(arena, x, generator.next(stream));
            for (int i = 0; i < kept.length; i++) {
                assertEquals(kept[i], mask.keeps(i), what);
            }
            TorchState after = generator.state();
            generator.restore(before);
            Tensor y = Samples.empty(arena, dtype, shape);
            TorchCall call = generator.next(stream);
            on.forward(x, y, call);
            assertEquals(before, call.state(), what);
            Samples.same(what, expected, y);
            assertEquals(after, generator.state(), what);
            long taken = stream.outputs(DType.FLOAT32, p) > 0 ? oracle.taken : 0;
            assertEquals(taken, (long) kept.length * stream.outputs(dtype, p), what);
            TorchGenerator counted = TorchGenerator.from(before);
            counted.advance(taken);
            assertEquals(counted.state(), after, what);
            Tensor inPlace = Samples.copy(arena, x);
            on.backward(inPlace, inPlace, call);
            assertEquals(after, generator.state(), what);
            Samples.same(what + " in place", expected, inPlace);
        }
    }

    private static Tensor expected(
            Arena arena, Dropout layer, Tensor x, Mask mask, TorchStream stream, double p) {
        Tensor broadcast = Tensor.allocate(arena, DType.FLOAT32, x.shape());
        for (long e = 0; e < x.size(); e++) {
            broadcast.set(e, 1);
        }
        Dropout plain = new Dropout(layer.p(), Scaling.NONE, layer.units());
        plain.with(Execution.automatic().on(Backends.reference()))
                .forward(broadcast, broadcast, mask);
        Tensor y = Samples.empty(arena, x.dtype(), x.shape());
        for (long e = 0; e < x.size(); e++) {
            y.set(e, Oracle.value(stream, x.dtype(), p, x.get(e), broadcast.get(e)));
        }
        return y;
    }

    /** The formulas as PyTorch evaluates them, a number at a time. */
    private static final class Oracle {
        private final int[] words = new int[MersenneTwister.WORDS];
        private long taken;
        private final long skipped;

        Oracle(int seed, int skip) {
            MersenneTwister.seed(seed, words);
            for (int i = 0; i < skip; i++) {
                next();
            }
            skipped = skip;
            taken = 0;
        }

        private long next() {
            int at = (int) ((skipped + taken) % MersenneTwister.WORDS);
            if (at == 0) {
                MersenneTwister.renew(words);
            }
            taken++;
            return Integer.toUnsignedLong(MersenneTwister.temper(words[at]));
        }

        private double uniform() {
            long first = next();
            return ((first << 32 | next()) & (1L << 53) - 1) * 0x1p-53;
        }

        boolean keeps(TorchStream stream, DType dtype, double p) {
            if (stream == TorchStream.DROPOUT) {
                return p == 0 || p < 1 && uniform() < 1 - p;
            }
            float keep = (float) (1 - p);
            return 1
                    <= switch (dtype) {
                        case FLOAT64 -> Math.floor(1 - p + uniform());
                        case FLOAT32 -> Math.floor(keep + (next() & 0xFFFFFF) * 0x1p-24f);
                        case FLOAT16 ->
                                Math.floor(rounded(dtype, keep + (next() & 0x7FF) * 0x1p-11f));
                        case BFLOAT16 ->
                                Math.floor(rounded(dtype, keep + (next() & 0xFF) * 0x1p-8f));
                    };
        }

        static double value(TorchStream stream, DType dtype, double p, double x, double mask) {
            double keep = dtype == DType.FLOAT64 ? 1 - p : (float) (1 - p);
            if (p == 1) {
                return x * 0;
            }
            if (stream == TorchStream.DROPOUT) {
                return p == 0 ? x : rounded(dtype, x * rounded(dtype, mask / keep));
            }
            return rounded(dtype, rounded(dtype, x / keep) * mask);
        }

        private static double rounded(DType dtype, double value) {
            Tensor one = Tensor.of(new double[1], 1);
            if (dtype == DType.FLOAT64) {
                return value;
            }
            if (dtype == DType.FLOAT32) {
                return (float) value;
            }
            one = Tensor.of(new short[1], dtype, 1);
            one.set(0, value);
            return one.get(0);
        }
    }

    /** A draw on the interval [0, 1) is added to 1 - p in float64, and kept where that gives 1. */
    @Test
    void float64DecidesInFloat64() {
        for (double p : new double[] {0.1, 0.3, 0.5, 0.7, 0.97}) {
            TorchRule rule = TorchRule.of(TorchStream.RAND, DType.FLOAT64, p, true);
            long least = rule.threshold();
            assertEquals(1.0, (1 - p) + least * 0x1p-53, "p = " + p);
            assertEquals(Math.nextDown(1.0), (1 - p) + (least - 1) * 0x1p-53, "p = " + p);
        }
    }

    @Test
    void threadsChangeNothing() {
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 2, 1_100_003);
            Tensor one = Samples.empty(arena, DType.FLOAT32, 1_100_003);
            Tensor more = Samples.empty(arena, DType.FLOAT32, 1_100_003);
            for (Backend backend : Backends.all()) {
                Execution on = Execution.automatic().on(backend);
                for (TorchStream stream : TorchStream.values()) {
                    Dropout layer = new Dropout(0.3);
                    layer.with(on.sequential())
                            .forward(x, one, TorchGenerator.seeded(1).next(stream));
                    layer.with(on.over(executor, 3))
                            .forward(x, more, TorchGenerator.seeded(1).next(stream));
                    Samples.same(backend + " " + stream, one, more);
                }
            }
        }
    }

    @Test
    void formsWithoutScalingKeepValues() {
        Tensor x = Tensor.of(new float[] {1, -2, 3, -4, 5, -6, 7, -8}, 8);
        for (TorchStream stream : TorchStream.values()) {
            Tensor y = Tensor.of(new float[8], 8);
            new Dropout(0.5, Scaling.NONE).forward(x, y, TorchGenerator.seeded(7).next(stream));
            int kept = 0;
            for (int e = 0; e < 8; e++) {
                if (y.get(e) != 0) {
                    kept++;
                    assertEquals(x.get(e), y.get(e));
                } else {
                    assertEquals(Math.copySign(0.0, x.get(e)), y.get(e));
                }
            }
            assertNotEquals(0, kept);
        }
    }

    @Test
    void refusesBadArgumentsBeforeItDraws() {
        TorchGenerator generator = TorchGenerator.seeded(1);
        TorchState before = generator.state();
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 4);
        Tensor y = Tensor.of(new float[5], 5);
        refuses(
                "y has shape [5], allowed is x's [4]",
                () -> new Dropout(0.5).forward(x, y, generator.next(TorchStream.RAND)));
        refuses(
                "x has rank 1 (shape [4]), allowed are 3 and 4, 2 spatial dimensions and one of"
                        + " channels, after one of samples or without",
                () -> new Dropout2d(0.5).forward(x, x, generator.next(TorchStream.DROPOUT)));
        refuses(
                "dx has shape [5], allowed is dy's [4]",
                () -> new Dropout(0.5).backward(x, y, TorchCall.of(before, TorchStream.RAND)));
        assertEquals(before, generator.state());
        assertEquals(10, Statistics.sum(x));
        assertEquals(0, Statistics.sum(y));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
