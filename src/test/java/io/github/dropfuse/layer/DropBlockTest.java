package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** DropBlock: its rate, its blocks, its factor. */
class DropBlockTest {
    private static final PhiloxState STATE = new PhiloxState(12, 34);

    static List<Arguments> layers() {
        List<Arguments> cases = new ArrayList<>();
        long[][] shapes = {{3, 5, 9, 11}, {2, 3, 7, 7}, {1, 1, 3, 70}, {2, 2, 5, 6, 7}};
        for (long[] shape : shapes) {
            for (int side : new int[] {1, 2, 3, 4, 5, 7}) {
                if (side > Arrays.stream(shape).skip(2).min().orElseThrow()) {
                    continue;
                }
                for (DropBlock.Centres centres : DropBlock.Centres.values()) {
                    for (boolean shared : new boolean[] {false, true}) {
                        DropBlock layer =
                                new DropBlock(shape.length - 2, 0.3, side)
                                        .with(centres)
                                        .sharedByChannels(shared);
                        cases.add(Arguments.of(layer, shape, side, centres, shared));
                    }
                }
            }
        }
        return cases;
    }

    /** Position by position: whether any centre is drawn that covers it, straight from the text. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("layers")
    void dropsWhatACentreCovers(
            DropBlock layer, long[] shape, int side, DropBlock.Centres where, boolean shared) {
        long[] spatial = Arrays.copyOfRange(shape, 2, shape.length);
        boolean valid = where == DropBlock.Centres.VALID;
        double gamma = layer.gamma(spatial);
        double mean = 0;
        long positions = Arrays.stream(spatial).reduce(1, (a, b) -> a * b);
        long maps = shape[0] * (shared ? 1 : shape[1]);
        long centres = 1;
        for (long extent : spatial) {
            centres *= valid ? extent - side + 1 : extent;
        }
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, shape);
            for (long firstSample : new long[] {0, 5}) {
                Mask mask = layer.mask(arena, x, STATE, firstSample);
                assertEquals(maps * positions, mask.units());
                mean = 0;
                long first = firstSample * (maps / shape[0]) * centres;
                for (long map = 0; map < maps; map++) {
                    for (long position = 0; position < positions; position++) {
                        boolean kept = true;
                        int covering = 0;
                        for (long c = 0; c < centres; c++) {
                            if (covers(c, position, spatial, side, valid)) {
                                covering++;
                                kept &= Oracle.keeps(gamma, 12, 34, first + map * centres + c);
                            }
                        }
                        mean += 1 - Math.pow(1 - gamma, covering);
                        assertEquals(kept, mask.keeps(map * positions + position));
                    }
                }
            }
        }
        assertEquals(0.3, mean / maps / positions, 1e-14);
    }

    private static boolean covers(
            long centre, long position, long[] spatial, int side, boolean valid) {
        long c = centre;
        long at = position;
        for (int d = spatial.length - 1; d >= 0; d--) {
            long along = valid ? spatial[d] - side + 1 : spatial[d];
            long middle = c % along + (valid ? (side - 1) / 2 : 0);
            long place = at % spatial[d];
            if (place < middle - (side - 1) / 2 || place > middle + side / 2) {
                return false;
            }
            c /= along;
            at /= spatial[d];
        }
        return true;
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void appliesTheMask(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            for (DropBlock.Factor factor : DropBlock.Factor.values()) {
                for (boolean shared : new boolean[] {false, true}) {
                    DropBlock layer =
                            new DropBlock(2, 0.25, 3)
                                    .with(factor)
                                    .sharedByChannels(shared)
                                    .with(Execution.automatic().on(backend));
                    Tensor x = Samples.any(arena, dtype, 4, 3, 5, 13, 17);
                    Mask mask = layer.mask(arena, x, STATE);
                    double scale =
                            switch (factor) {
                                case EXPECTED -> 1 / 0.75;
                                case REALISED -> (double) mask.units() / mask.kept();
                                case NONE -> 1;
                            };
                    Tensor expected = Samples.empty(arena, dtype, x.shape());
                    for (long e = 0; e < x.size(); e++) {
                        long unit = shared ? e / (5 * 221) * 221 + e % 221 : e;
                        double value =
                                dtype == DType.FLOAT64
                                        ? x.get(e) * scale
                                        : (float) x.get(e) * (float) scale;
                        expected.set(e, mask.keeps(unit) ? value : 0);
                    }
                    String what = layer.toString();
                    Tensor y = Samples.empty(arena, dtype, x.shape());
                    layer.forward(x, y, STATE);
                    Samples.same(what, expected, y);
                    layer.backward(x, y, mask);
                    Samples.same(what + " stored, backward", expected, y);
                    Tensor inPlace = Samples.copy(arena, x);
                    layer.forward(inPlace, inPlace, STATE);
                    Samples.same(what + " in place", expected, inPlace);
                }
            }
        }
    }

    /** timm's test: the share that is dropped of (32, 16, 56, 56), and torchvision's at 28 by 28. */
    @Test
    void dropsTheShareThatIsAskedFor() {
        try (Arena arena = Arena.ofConfined()) {
            for (DropBlock.Centres centres : DropBlock.Centres.values()) {
                for (int side : new int[] {2, 7}) {
                    for (double p : new double[] {0.1, 0.3}) {
                        check(arena, new DropBlock(2, p, side).with(centres), 32, 16, 56, 56);
                        check(arena, new DropBlock(2, p, side).with(centres), 64, 32, 28, 28);
                    }
                }
            }
            check(arena, new DropBlock(3, 0.2, 3), 16, 8, 14, 14, 14);
        }
    }

    private static void check(Arena arena, DropBlock layer, long... shape) {
        Tensor x = Tensor.allocate(arena, DType.BFLOAT16, shape);
        double p = layer.p();
        Mask mask = layer.mask(arena, x, STATE);
        double dropped = 1 - (double) mask.kept() / mask.units();
        double blocks = p * mask.units() / Math.pow(layer.blockSize(), shape.length - 2);
        assertEquals(p, dropped, 4 * p / Math.sqrt(blocks), layer.toString());
    }

    @Test
    void keepsTheMeanWithEitherFactor() {
        try (Arena arena = Arena.ofConfined()) {
            for (DropBlock.Factor factor :
                    List.of(DropBlock.Factor.EXPECTED, DropBlock.Factor.REALISED)) {
                Tensor x = Samples.filled(arena, DType.FLOAT64, 1, 16, 16, 28, 28);
                new DropBlock(2, 0.3, 7).with(factor).forward(x, x, STATE);
                double bound = factor == DropBlock.Factor.REALISED ? 1e-9 : 0.02;
                assertEquals(1, Statistics.mean(x), bound, factor.toString());
            }
        }
    }

    /** Also where the mask is the whole tensor's. */
    @Test
    void theRealisedFactorOfAShardIsItsOwn() {
        try (Arena arena = Arena.ofConfined()) {
            DropBlock layer = new DropBlock(2, 0.3, 3).with(DropBlock.Factor.REALISED);
            Tensor whole = Samples.plain(arena, DType.FLOAT32, 1, 6, 2, 7, 5);
            Tensor x = whole.slice(2, 4);
            Mask mask = layer.mask(arena, x, STATE, 2);
            float scale = (float) ((double) mask.units() / mask.kept());
            Tensor expected = Samples.empty(arena, DType.FLOAT32, x.shape());
            for (long e = 0; e < x.size(); e++) {
                expected.set(e, mask.keeps(e) ? (float) x.get(e) * scale : 0);
            }
            Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
            layer.forward(x, y, STATE, 2);
            Samples.same("drawn", expected, y);
            layer.forward(x, y, layer.mask(arena, whole, STATE), 2);
            Samples.same("stored", expected, y);
        }
    }

    /** A layer keeps the rate of the last images, and finds that of others anew. */
    @Test
    void imagesOfAnotherSizeHaveTheirOwnRate() {
        DropBlock layer = new DropBlock(2, 0.3, 3);
        try (Arena arena = Arena.ofConfined()) {
            for (long[] shape : new long[][] {{8, 4, 4, 4}, {8, 4, 40, 40}, {8, 4, 4, 4}}) {
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, shape);
                Mask expected = new DropBlock(2, 0.3, 3).mask(arena, x, STATE);
                Mask mask = layer.mask(arena, x, STATE);
                assertEquals(
                        -1, expected.segment().mismatch(mask.segment()), Arrays.toString(shape));
            }
        }
    }

    @Test
    void nothingAndEverything() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.any(arena, DType.FLOAT32, 3, 2, 2, 5, 5);
            for (DropBlock.Factor factor : DropBlock.Factor.values()) {
                Tensor y = Samples.empty(arena, DType.FLOAT32, x.shape());
                new DropBlock(2, 1, 3).with(factor).forward(x, y, STATE);
                Samples.same("p = 1", Tensor.allocate(arena, DType.FLOAT32, x.shape()), y);
                new DropBlock(2, 1, 3).with(factor).withP(0).forward(x, y, STATE);
                Samples.same("p = 0", x, y);
                new DropBlock(2, 1, 3).with(factor).infer(x, y);
                Samples.same("inference", x, y);
            }
            Tensor empty = Tensor.allocate(arena, DType.FLOAT32, 0, 3, 2, 2);
            new DropBlock(2, 0.5, 7).forward(empty, empty, STATE);
        }
    }

    @Test
    void solvesForTheRateToTheLastBits() {
        for (double p : new double[] {1e-12, 1e-3, 0.1, 0.5, 0.9, 0.999999}) {
            double gamma = new DropBlock(2, p, 7).gamma(28, 28);
            double mean = 0;
            for (int h = 0; h < 28; h++) {
                for (int w = 0; w < 28; w++) {
                    int m = cover(h) * cover(w);
                    mean -= Math.expm1(m * Math.log1p(-gamma));
                }
            }
            assertEquals(p, mean / 784, 4e-16 * Math.max(1e-3, p) * 100, "p = " + p);
        }
    }

    /** Almost all positions of such an image are away from its borders. */
    @Test
    void findsTheRateOfAnImageOfAnySize() {
        double gamma = new DropBlock(2, 0.3, 7).gamma(1L << 40, 1L << 20);
        assertEquals(-Math.expm1(Math.log1p(-0.3) / 49), gamma, 1e-7);
    }

    private static int cover(int at) {
        return Math.min(at, 21) - Math.max(0, at - 6) + 1;
    }

    @Test
    void refusesBadArguments() {
        Tensor x = Tensor.of(new float[36], 1, 1, 6, 6);
        refuses("p is 1.5, allowed are 0 to 1", () -> new DropBlock(2, 1.5, 3));
        refuses("dimensions is 4, allowed are 2, 3", () -> new DropBlock(4, 0.5, 3));
        refuses(
                "blockSize is 0, allowed are 1 to the least spatial extent",
                () -> new DropBlock(2, 0.5, 0));
        refuses(
                "blockSize is 7, allowed are 1 to 6, the least of the spatial extents [6, 6]",
                () -> new DropBlock(2, 0.5, 7).forward(x, x, STATE));
        refuses(
                "x has rank 4, allowed is 5: (N, C, D, H, W)",
                () -> new DropBlock(3, 0.5, 3).forward(x, x, STATE));
        refuses(
                "spatial has 1 extents, allowed are 2", () -> new DropBlock(2, 0.5, 3).gamma(7));
        refuses(
                "start is 18446744073709551615, with 16 units allowed are 0 to"
                        + " 1152921504606846975",
                () -> new DropBlock(2, 0.5, 3).forward(x, x, STATE, -1));
        refuses(
                "start is 18446744073709551615, with 16 units allowed are 0 to"
                        + " 1152921504606846975",
                () -> new DropBlock(2, 0.5, 3).mask(Arena.ofAuto(), x, STATE, -1));
        Mask mask = Mask.allocate(Arena.ofAuto(), 35);
        refuses(
                "mask has 35 units, allowed are 36",
                () -> new DropBlock(2, 0.5, 3).forward(x, x, mask));
        assertTrue(Arrays.equals(new float[36], (float[]) x.segment().heapBase().orElseThrow()));
    }

    @Test
    void unitsOfASampleBoundTheFirstOne() {
        Tensor x = Tensor.of(new float[2 * 3 * 36], 2, 3, 6, 6);
        DropBlock layer = new DropBlock(2, 0.5, 3);
        assertEquals(2 * 3 * 16, layer.units(x));
        assertEquals(2 * 16, layer.sharedByChannels(true).units(x));
        assertEquals(2 * 3 * 36, layer.with(DropBlock.Centres.EVERYWHERE).units(x));
        assertEquals(0, layer.units(Tensor.of(new float[0], 0, 3, 2, 2)));
        long most = Long.divideUnsigned(-1, 48) - 2;
        layer.forward(x, x, STATE, most);
        refuses(
                "start is " + (most + 1) + ", with 96 units allowed are 0 to " + most,
                () -> layer.forward(x, x, STATE, most + 1));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
