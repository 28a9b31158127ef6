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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Units of every kind, against a mask that is broadcast index by index. */
class UnitsTest {
    private static final PhiloxState STATE = new PhiloxState(0x9E3779B97F4A7C15L, 77);
    private static final double P = 0.4;

    /** Units, a tensor's shape, and the shape of its mask. */
    static Stream<Arguments> layouts() {
        return Stream.of(
                units(Units.elements(), shape(3, 5), shape(3, 5)),
                units(Units.elements(), shape(), shape()),
                units(Units.elements(), shape(1025), shape(1025)),
                units(Units.samples(), shape(7), shape(7)),
                units(Units.samples(), shape(7, 3, 65), shape(7, 1, 1)),
                units(Units.batch(), shape(7, 3), shape(1, 1)),
                units(Units.channels(), shape(4, 6), shape(4, 6)),
                units(Units.channels(), shape(4, 6, 2, 3, 2), shape(4, 6, 1, 1, 1)),
                units(channels(1, Channels.FIRST), shape(4, 5, 9), shape(4, 5, 1)),
                units(channels(1, Channels.FIRST), shape(5, 9), shape(5, 1)),
                units(channels(1, Channels.LAST), shape(4, 9, 5), shape(4, 1, 5)),
                units(channels(1, Channels.LAST), shape(9, 5), shape(1, 5)),
                units(channels(2, Channels.FIRST), shape(3, 70, 8, 9), shape(3, 70, 1, 1)),
                units(channels(2, Channels.FIRST), shape(5, 8, 9), shape(5, 1, 1)),
                units(channels(2, Channels.LAST), shape(3, 8, 9, 70), shape(3, 1, 1, 70)),
                units(channels(2, Channels.LAST), shape(2, 3, 2, 5000), shape(2, 1, 1, 5000)),
                units(channels(2, Channels.LAST), shape(8, 9, 5), shape(1, 1, 5)),
                units(channels(3, Channels.FIRST), shape(2, 5, 3, 4, 2), shape(2, 5, 1, 1, 1)),
                units(channels(3, Channels.LAST), shape(2, 3, 4, 2, 5), shape(2, 1, 1, 1, 5)),
                units(channels(3, Channels.LAST), shape(3, 4, 2, 5), shape(1, 1, 1, 5)),
                noise(shape(6, 5, 4), -1, -1, -1),
                noise(shape(6, 5, 4), 1, 1, 1),
                noise(shape(6, 5, 4), 6, 1, 4),
                noise(shape(6, 5, 4), 1, 5, 1),
                noise(shape(6, 5, 4), 5, 1),
                noise(shape(6, 5, 4), -1),
                noise(shape(6, 5, 4)),
                noise(shape(1, 600, 1, 3), 1, -1, 1, 1),
                noise(shape(3, 2, 5, 4), 3, 1, 5, 1),
                noise(shape(3, 2, 5, 4), 1, 2, 1, 4),
                noise(shape(3, 2, 5, 4, 2), 1, 2, 1, 4, 1),
                noise(shape(3, 2, 5, 4, 2), 3, 1, 5, 1, 2),
                noise(shape(2, 3, 2, 3, 2, 3, 2), 1, 3, 1, 3, 1, 3, 1),
                noise(shape(2, 3, 2, 3, 2, 3, 2), 2, 1, 2, 1, 2, 1, 2),
                noise(shape(2, 3, 1, 2, 3, 2, 3, 2), 2, 3, 1, 1, 1, 2, 1, 2),
                noise(shape(5, 0, 3), -1, 1, 3),
                units(Units.channels(2, Channels.LAST), shape(0, 2, 2, 4), shape(0, 1, 1, 4)));
    }

    @Test
    @Tag("long")
    void broadcastsALargeMask() {
        Units units = Units.noiseShape(3, 1, 30, 1, 7);
        broadcastsTheMask(units, shape(3, 40, 30, 50, 7), shape(3, 1, 30, 1, 7));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("layouts")
    void broadcastsTheMask(Units units, long[] shape, long[] maskShape) {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor x = Samples.any(arena, dtype, 5, shape);
                for (long start : new long[] {0, 3, 509, (1L << 45) + 1}) {
                    Dropout reference = layer(units, Backends.reference());
                    Mask mask = reference.mask(arena, x, STATE, start);
                    assertEquals(x.size() == 0 ? 0 : product(maskShape), mask.units());
                    Tensor expected = expected(arena, x, mask, maskShape);
                    for (Backend backend : Backends.all()) {
                        Dropout layer = layer(units, backend);
                        String what = backend + " " + dtype + " from " + start;
                        check(arena, what, layer, x, expected, STATE, start);
                        check(arena, what + " stored", layer, x, expected, mask, 0);
                    }
                }
            }
        }
    }

    private static void check(
            Arena arena,
            String what,
            Dropout layer,
            Tensor x,
            Tensor expected,
            MaskSource source,
            long start) {
        Tensor y = Samples.empty(arena, x.dtype(), x.shape());
        layer.forward(x, y, source, start);
        Samples.same(what, expected, y);
        layer.backward(x, y, source, start);
        Samples.same(what + " backward", expected, y);
        Tensor inPlace = Samples.copy(arena, x);
        layer.forward(inPlace, inPlace, source, start);
        Samples.same(what + " in place", expected, inPlace);
    }

    @Test
    void dropsNothingAndEverything() {
        try (Arena arena = Arena.ofConfined()) {
            Units units = Units.noiseShape(1, 2, 1, 3, 1);
            Tensor x = Samples.any(arena, DType.FLOAT32, 1, 2, 2, 2, 3, 5);
            Tensor zeros = Tensor.allocate(arena, DType.FLOAT32, x.shape());
            for (Backend backend : Backends.all()) {
                Execution execution = Execution.automatic().on(backend);
                Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
                new Dropout(1, Scaling.IN_TRAINING, units).with(execution).forward(x, y, STATE);
                Samples.same(backend + " p = 1", zeros, y);
                new Dropout(0, Scaling.IN_TRAINING, units).with(execution).forward(x, y, STATE);
                Samples.same(backend + " p = 0", x, y);
            }
        }
    }

    @Test
    void threadsChangeNothing() {
        long[][] shapes = {{9, 89, 41, 33}, {1 << 10, 2, 1 << 9}, {2, 180_001, 3}};
        Units[] units = {
            Units.channels(2, Channels.LAST), Units.noiseShape(-1, 1, -1), Units.noiseShape(1, -1, 1)
        };
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < shapes.length; i++) {
                Tensor x = Samples.plain(arena, DType.FLOAT32, 2, shapes[i]);
                for (Backend backend : Backends.all()) {
                    Execution one = Execution.automatic().on(backend).sequential();
                    Execution more = Execution.automatic().on(backend).over(executor, 3);
                    Dropout layer = new Dropout(P, Scaling.IN_TRAINING, units[i]);
                    Tensor a = Samples.empty(arena, DType.FLOAT32, shapes[i]);
                    Tensor b = Samples.empty(arena, DType.FLOAT32, shapes[i]);
                    layer.with(one).forward(x, a, STATE, 5);
                    layer.with(more).forward(x, b, STATE, 5);
                    Samples.same(backend + " " + Arrays.toString(shapes[i]), a, b);
                }
            }
        }
    }

    @Test
    void slicesAlongADimensionOfOneAreEqual() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.filled(arena, DType.FLOAT32, 1, 20, 500, 3);
            new Dropout(0.5, Scaling.IN_TRAINING, Units.noiseShape(-1, 1, -1)).forward(x, x, STATE);
            for (long n = 0; n < 20; n++) {
                for (long t = 1; t < 500; t++) {
                    for (long c = 0; c < 3; c++) {
                        assertEquals(x.get(n * 1500 + c), x.get((n * 500 + t) * 3 + c));
                    }
                }
            }
        }
    }

    @Test
    void sharingAllDimensionsKeepsAllOrNothing() {
        try (Arena arena = Arena.ofConfined()) {
            for (double p = 0.1; p < 0.95; p += 0.1) {
                int kept = 0;
                for (int call = 0; call < 400; call++) {
                    Tensor x = Tensor.of(new float[] {1, 1, 1, 1, 1, 1}, 2, 3);
                    Dropout layer = new Dropout(p, Scaling.NONE, Units.noiseShape(1, 1));
                    layer.forward(x, x, new PhiloxState(11, call));
                    double sum = Statistics.sum(x);
                    assertTrue(sum == 0 || sum == 6, "sum is " + sum);
                    kept += sum == 6 ? 1 : 0;
                }
                double sigma = Math.sqrt(400 * p * (1 - p));
                assertEquals(400 * (1 - p), kept, 4 * sigma, "p = " + p);
            }
        }
    }

    @Test
    void channelsLastIsChannelsFirstTransposed() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor first = Samples.plain(arena, DType.FLOAT32, 4, 5, 33, 6);
            Tensor last = Samples.empty(arena, DType.FLOAT32, 5, 6, 33);
            transpose(first, last, 5, 33, 6);
            Dropout1d layer = new Dropout1d(0.3);
            layer.forward(first, first, STATE, 7);
            Tensor expected = Samples.empty(arena, DType.FLOAT32, 5, 6, 33);
            transpose(first, expected, 5, 33, 6);
            new Dropout1d(0.3, Channels.LAST, Scaling.IN_TRAINING).forward(last, last, STATE, 7);
            Samples.same("channels last", expected, last);
        }
    }

    @Test
    void refusesWrongRanks() {
        refuses("x has rank 1 (shape [4]), allowed are 2 and 3", new Dropout1d(0.5), 4);
        refuses("x has rank 4 (shape [1, 2, 3, 4]), allowed are 2 and 3",
                new Dropout1d(0.5), 1, 2, 3, 4);
        refuses("x has rank 2 (shape [3, 4]), allowed are 3 and 4", new Dropout2d(0.5), 3, 4);
        refuses("x has rank 5 (shape [1, 1, 1, 1, 1]), allowed are 3 and 4",
                new Dropout2d(0.5), 1, 1, 1, 1, 1);
        refuses("x has rank 3 (shape [3, 4, 1]), allowed are 4 and 5",
                new Dropout3d(0.5), 3, 4, 1);
        refuses("x has rank 6 (shape [1, 1, 1, 1, 1, 1]), allowed are 4 and 5",
                new Dropout3d(0.5), 1, 1, 1, 1, 1, 1);
        refuses("x has rank 0", new DropPath(0.5));
        refuses("x has rank 1 (shape [7]), allowed are 2 and more",
                new Dropout(0.5, Scaling.NONE, Units.channels()), 7);
    }

    @Test
    void refusesShapesThatDoNotBroadcast() {
        for (long[] noise : List.of(shape(3), shape(5, 4), shape(1, 2, 3), shape(6, 5, 1))) {
            Dropout layer = new Dropout(0.5, Scaling.NONE, Units.noiseShape(noise));
            refuses("noiseShape is " + Arrays.toString(noise), layer, 2, 5);
        }
        for (long extent : new long[] {0, -2, Long.MIN_VALUE}) {
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class, () -> Units.noiseShape(1, extent));
            assertTrue(e.getMessage().startsWith("noiseShape[1] is " + extent), e.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class, () -> Units.channels(-1, Channels.FIRST));
    }

    private static void refuses(String message, Layer layer, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, shape);
            Tensor y = Samples.plain(arena, DType.FLOAT32, 2, shape);
            Tensor before = Samples.copy(arena, y);
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class, () -> layer.forward(x, y, STATE));
            assertTrue(e.getMessage().startsWith(message), e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> layer.backward(x, y, STATE));
            assertThrows(IllegalArgumentException.class, () -> layer.units(x));
            assertThrows(IllegalArgumentException.class, () -> layer.mask(arena, x, STATE));
            Samples.same("refused", before, y);
        }
    }

    private static Tensor expected(Arena arena, Tensor x, Mask mask, long[] maskShape) {
        Tensor y = Samples.empty(arena, x.dtype(), x.shape());
        long[] shape = x.shape();
        float scale = (float) (1 / (1 - P));
        for (long e = 0; e < x.size(); e++) {
            long unit = 0;
            long rest = e;
            long stride = 1;
            for (int d = shape.length - 1; d >= 0; d--) {
                unit += maskShape[d] == 1 ? 0 : rest % shape[d] * stride;
                stride *= maskShape[d];
                rest /= shape[d];
            }
            double kept =
                    x.dtype() == DType.FLOAT64
                            ? x.get(e) * (1 / (1 - P))
                            : (float) x.get(e) * scale;
            y.set(e, mask.keeps(unit) ? kept : 0);
        }
        return y;
    }

    private static void transpose(Tensor from, Tensor to, int n, int rows, int columns) {
        for (long i = 0; i < n; i++) {
            for (long r = 0; r < rows; r++) {
                for (long c = 0; c < columns; c++) {
                    to.set((i * columns + c) * rows + r, from.get((i * rows + r) * columns + c));
                }
            }
        }
    }

    private static Dropout layer(Units units, Backend backend) {
        return new Dropout(P, Scaling.IN_TRAINING, units)
                .with(Execution.automatic().on(backend));
    }

    private static Units channels(int spatial, Channels channels) {
        return Units.channels(spatial, channels);
    }

    private static Arguments units(Units units, long[] shape, long[] maskShape) {
        return Arguments.of(units, shape, maskShape);
    }

    private static Arguments noise(long[] shape, long... noiseShape) {
        long[] maskShape = new long[shape.length];
        for (int d = 0; d < shape.length; d++) {
            int own = d - (shape.length - noiseShape.length);
            maskShape[d] = own < 0 ? 1 : noiseShape[own] == -1 ? shape[d] : noiseShape[own];
        }
        return Arguments.of(Units.noiseShape(noiseShape), shape, maskShape);
    }

    private static long[] shape(long... shape) {
        return shape;
    }

    private static long product(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
}
