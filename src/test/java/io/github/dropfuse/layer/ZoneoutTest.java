package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Zoneout against plain arrays of bits. */
class ZoneoutTest {
    private static final String ALL = "io.github.dropfuse.layer.Combinations#backendsAndTypes";
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEFL, 3);
    private static final long[][] SHAPES = {{}, {1}, {7}, {40, 3}, {5, 4, 64}, {9, 131}, {0, 5}};
    private static final double[] PROBABILITIES = {0, 0.3, 1};

    /** Where the output goes. */
    private enum Output {
        APART, X, PREVIOUS
    }

    @FunctionalInterface
    private interface Call {
        void run(Tensor x, Tensor previous, Tensor y);
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void trainingChoosesBits(Backend backend, DType dtype) {
        for (double p : PROBABILITIES) {
            Zoneout layer = on(backend, new Zoneout(p));
            for (long[] shape : SHAPES) {
                for (long start : new long[] {0, 509}) {
                    LongPredicate keeps = elements(p, start, shape);
                    String what = layer + " from " + start;
                    check(what, dtype, shape, keeps, (x, previous, y) ->
                            layer.forward(x, previous, y, STATE, start));
                    checkGradients(what, layer, dtype, shape, keeps, STATE, start);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void storedMasksDecide(Backend backend, DType dtype) {
        Zoneout layer = on(backend, new Zoneout(0.3));
        for (long[] shape : SHAPES) {
            Tensor like = values(dtype, 1, shape);
            Mask mask = layer.mask(Arena.ofAuto(), like, STATE);
            LongPredicate keeps = elements(0.3, 0, shape);
            for (long e = 0; e < like.size(); e++) {
                assertEquals(keeps.test(e), mask.keeps(e));
            }
            check("mask", dtype, shape, mask::keeps, (x, previous, y) ->
                    layer.forward(x, previous, y, mask));
            checkGradients("mask", layer, dtype, shape, mask::keeps, mask, 0);
        }
    }

    /** Units of several elements, on both sides of what is decided element by element. */
    @ParameterizedTest
    @MethodSource(ALL)
    void unitsOfSeveralElements(Backend backend, DType dtype) {
        for (int length : new int[] {3, 64, 100, 5000}) {
            Zoneout rows = on(backend, new Zoneout(0.5, Units.noiseShape(-1, 1)));
            Zoneout columns = on(backend, new Zoneout(0.5, Units.noiseShape(1, -1)));
            long[] shape = {13, length};
            LongPredicate row = e -> keeps(0.5, e / length);
            LongPredicate column = e -> keeps(0.5, e % length);
            check("rows", dtype, shape, row, (x, previous, y) ->
                    rows.forward(x, previous, y, STATE));
            check("columns", dtype, shape, column, (x, previous, y) ->
                    columns.forward(x, previous, y, STATE));
            checkGradients("rows", rows, dtype, shape, row, STATE, 0);
            checkGradients("columns", columns, dtype, shape, column, STATE, 0);
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void boxesAreThoseOfTheWhole(Backend backend, DType dtype) {
        Zoneout layer = on(backend, new Zoneout(0.3));
        long[] shape = {4, 3, 5};
        Shard shard = Shard.of(new long[] {9, 7, 11}, 2, 1, 4);
        LongPredicate keeps =
                e -> keeps(0.3, ((2 + e / 15) * 7 + 1 + e / 5 % 3) * 11 + 4 + e % 5);
        check("box", dtype, shape, keeps, (x, previous, y) ->
                layer.forward(x, previous, y, STATE, shard));
        Tensor dy = values(dtype, 1, shape);
        Tensor dx = values(dtype, 2, shape);
        Tensor dprevious = values(dtype, 3, shape);
        layer.backward(dy, dx, dprevious, STATE, shard);
        same("dx of a box", chosen(dy, null, keeps), dx);
        same("dprevious of a box", chosen(null, dy, keeps), dprevious);
        Mask mask = layer.mask(Arena.ofAuto(), dy, STATE, shard);
        check("box's mask", dtype, shape, mask::keeps, (x, previous, y) ->
                layer.forward(x, previous, y, STATE, shard));
    }

    /** Each operation in the compute type, the result rounded once, by another way than a kernel's. */
    @ParameterizedTest
    @MethodSource(ALL)
    void inferenceIsTheExpectation(Backend backend, DType dtype) {
        for (double p : new double[] {0.15, 0.5, 1 - 0x1p-30, 0x1p-60}) {
            Zoneout layer = on(backend, new Zoneout(p));
            for (long[] shape : SHAPES) {
                for (Output output : Output.values()) {
                    Tensor x = values(dtype, 1, shape);
                    Tensor previous = values(dtype, 2, shape);
                    Tensor wanted = values(dtype, 3, shape);
                    for (long e = 0; e < x.size(); e++) {
                        wanted.set(e, expectation(dtype, p, x.get(e), previous.get(e)));
                    }
                    Tensor y = output(output, x, previous);
                    layer.infer(x, previous, y);
                    Patterns.assertEqual(
                            dtype, wanted.segment(), y.segment(), layer + " " + output);
                }
            }
        }
    }

    private static double expectation(DType dtype, double p, double x, double previous) {
        if (dtype == DType.FLOAT64) {
            return Math.fma(x, 1 - p, p * previous);
        }
        float product = (float) p * (float) previous;
        return Math.fma((float) x, (float) (1 - p), product);
    }

    /** NaNs with their payload too. */
    @ParameterizedTest
    @MethodSource(ALL)
    void inferenceOfCertaintiesCopies(Backend backend, DType dtype) {
        for (double p : new double[] {0, 1}) {
            Zoneout layer = on(backend, new Zoneout(p));
            for (long[] shape : SHAPES) {
                check(layer + " infer", dtype, shape, e -> p == 0, layer::infer);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void asALayerThePreviousStateIsInTheOutput(Backend backend, DType dtype) {
        Layer layer = on(backend, new Zoneout(0.3));
        Tensor x = values(dtype, 1, 40, 3);
        Tensor y = values(dtype, 2, 40, 3);
        Tensor wanted = chosen(x, y, elements(0.3, 0, 40, 3));
        layer.forward(x, y, STATE);
        same("forward", wanted, y);
        Tensor expected = values(dtype, 3, 40, 3);
        ((Zoneout) layer).infer(x, y, expected);
        layer.infer(x, y);
        same("infer", expected, y);
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void threadsChangeNothing(Backend backend, DType dtype) {
        long[] shape = {7, 29, 2999};
        Tensor x = values(dtype, 1, shape);
        Tensor previous = values(dtype, 2, shape);
        Zoneout one = new Zoneout(0.3).with(Execution.automatic().on(backend).sequential());
        try (var executor = Executors.newFixedThreadPool(3)) {
            Zoneout more = one.with(Execution.automatic().on(backend).over(executor, 3));
            Tensor a = values(dtype, 3, shape);
            Tensor b = values(dtype, 4, shape);
            one.forward(x, previous, a, STATE, 5);
            more.forward(x, previous, b, STATE, 5);
            same("forward", a, b);
            one.infer(x, previous, a);
            more.infer(x, previous, b);
            Patterns.assertEqual(dtype, a.segment(), b.segment(), "infer");
            Tensor c = values(dtype, 5, shape);
            Tensor d = values(dtype, 6, shape);
            one.backward(x, a, c, STATE, 5);
            more.backward(x, b, d, STATE, 5);
            same("dx", a, b);
            same("dprevious", c, d);
        }
    }

    @Test
    void whatItIsMadeOf() {
        assertEquals("Zoneout[p=0.15, units=elements]", new Zoneout(0.15).toString());
        Execution sequential = Execution.automatic().sequential();
        Zoneout layer = new Zoneout(0.15, Units.noiseShape(-1, 1)).with(sequential).withP(0.25);
        assertEquals(0.25, layer.p());
        assertEquals(sequential, layer.execution());
        assertEquals(6, layer.units(values(DType.FLOAT32, 1, 6, 50)));
        refused("p is 1.5, allowed are 0 to 1", () -> new Zoneout(1.5));
    }

    @Test
    void badInput() {
        Zoneout layer = new Zoneout(0.5);
        Tensor x = values(DType.FLOAT32, 1, 8);
        Tensor y = values(DType.FLOAT32, 2, 8);
        Tensor z = values(DType.FLOAT32, 3, 8);
        Tensor rows = values(DType.FLOAT32, 4, 2, 4);
        Tensor wide = values(DType.FLOAT64, 5, 8);
        byte[] before = bytes(y);
        refused(
                "y is float32, allowed is previous's float64",
                () -> layer.forward(x, wide, y, STATE));
        refused(
                "y has shape [8], allowed is previous's [2, 4]",
                () -> layer.forward(x, rows, y, STATE));
        refused("y has shape [8], allowed is x's [2, 4]", () -> layer.infer(rows, x, y));
        refused(
                "y is read-only, it has to be writable",
                () -> layer.infer(x, z, Tensor.of(y.segment().asReadOnly(), y.dtype(), 8)));
        refused(
                "dprevious overlaps dx; allowed is memory apart",
                () -> layer.backward(x, y, y, STATE));
        refused(
                "dprevious has shape [2, 4], allowed is dy's [8]",
                () -> layer.backward(x, y, rows, STATE));
        Tensor all = values(DType.FLOAT32, 6, 16);
        refused(
                "y overlaps previous in part; allowed are the same memory and memory apart",
                () -> layer.forward(x, all.slice(0, 8), all.slice(4, 12), STATE));
        Mask few = Mask.allocate(Arena.ofAuto(), 7);
        refused(
                "mask has 7 units, needed are at least 8", () -> layer.forward(x, z, y, few));
        refused(
                "source is a TorchCall, allowed for Zoneout are a PhiloxState and a Mask",
                () ->
                        layer.forward(
                                x, z, y, TorchGenerator.seeded(1).next(TorchStream.DROPOUT)));
        named("x", () -> layer.forward(null, z, y, STATE));
        named("previous", () -> layer.forward(x, null, y, STATE));
        named("y", () -> layer.infer(x, z, null));
        named("source", () -> layer.forward(x, z, y, null));
        named("dy", () -> layer.backward(null, y, z, STATE));
        named("dx", () -> layer.backward(x, null, STATE));
        named("dx and dprevious", () -> layer.backward(x, null, null, STATE));
        named("source", () -> layer.backward(x, y, z, null));
        named("shard", () -> layer.backward(x, y, z, STATE, (Shard) null));
        assertEquals(Arrays.toString(before), Arrays.toString(bytes(y)));
    }

    private static void checkGradients(
            String what,
            Zoneout layer,
            DType dtype,
            long[] shape,
            LongPredicate keeps,
            MaskSource source,
            long start) {
        Tensor dy = values(dtype, 1, shape);
        Tensor ofX = chosen(dy, null, keeps);
        Tensor ofPrevious = chosen(null, dy, keeps);
        Tensor dx = values(dtype, 2, shape);
        Tensor dprevious = values(dtype, 3, shape);
        layer.backward(dy, dx, dprevious, source, start);
        same(what + ", dx", ofX, dx);
        same(what + ", dprevious", ofPrevious, dprevious);
        dx = values(dtype, 4, shape);
        layer.backward(dy, dx, source, start);
        same(what + ", dx alone", ofX, dx);
        dprevious = values(dtype, 5, shape);
        layer.backward(dy, null, dprevious, source, start);
        same(what + ", dprevious alone", ofPrevious, dprevious);
        Tensor both = values(dtype, 1, shape);
        layer.backward(both, both, dprevious, source, start);
        same(what + ", dx in place", ofX, both);
        same(what + ", dprevious beside it", ofPrevious, dprevious);
        both = values(dtype, 1, shape);
        layer.backward(both, dx, both, source, start);
        same(what + ", dx beside dprevious", ofX, dx);
        same(what + ", dprevious in place", ofPrevious, both);
    }

    /** Every place of the output, x and previous staying as they are. */
    private static void check(
            String what, DType dtype, long[] shape, LongPredicate keeps, Call call) {
        for (Output output : Output.values()) {
            Tensor x = values(dtype, 1, shape);
            Tensor previous = values(dtype, 2, shape);
            Tensor wanted = chosen(x, previous, keeps);
            Tensor y = output(output, x, previous);
            call.run(x, previous, y);
            String where = what + " " + dtype + Arrays.toString(shape) + ", output " + output;
            same(where, wanted, y);
            if (output != Output.X) {
                same(where + ", x", values(dtype, 1, shape), x);
            }
            if (output != Output.PREVIOUS) {
                same(where + ", previous", values(dtype, 2, shape), previous);
            }
        }
    }

    private static Tensor output(Output output, Tensor x, Tensor previous) {
        return switch (output) {
            case APART -> values(x.dtype(), 3, x.shape());
            case X -> x;
            case PREVIOUS -> previous;
        };
    }

    private static Zoneout on(Backend backend, Zoneout layer) {
        return layer.with(Execution.automatic().on(backend));
    }

    private static boolean keeps(double p, long unit) {
        return Oracle.keeps(p, STATE.seed(), STATE.offset(), unit);
    }

    /** A decision for each element of entries from the start on. */
    private static LongPredicate elements(double p, long start, long... shape) {
        long entry = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        return e -> keeps(p, start * entry + e);
    }

    /** Bits of one or the other, and zeros of null. */
    private static Tensor chosen(Tensor x, Tensor previous, LongPredicate keeps) {
        Tensor like = x == null ? previous : x;
        Tensor chosen = values(like.dtype(), 9, like.shape());
        for (long e = 0; e < like.size(); e++) {
            Tensor from = keeps.test(e) ? x : previous;
            long bits = from == null ? 0 : Patterns.get(like.dtype(), from.segment(), e);
            Patterns.set(like.dtype(), chosen.segment(), e, bits);
        }
        return chosen;
    }

    /** Bits of all kinds, signalling NaNs among them, off alignment by one element. */
    private static Tensor values(DType dtype, long seed, long... shape) {
        long bytes = Arrays.stream(shape).reduce(dtype.byteSize(), (a, b) -> a * b);
        MemorySegment memory =
                Arena.ofAuto()
                        .allocate(bytes + dtype.byteSize(), 64)
                        .asSlice(dtype.byteSize(), bytes);
        Patterns.fill(dtype, memory, seed);
        return Tensor.of(memory, dtype, shape);
    }

    private static byte[] bytes(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    /** Every bit, those of NaNs too. */
    private static void same(String what, Tensor wanted, Tensor actual) {
        assertEquals(-1, wanted.segment().mismatch(actual.segment()), what);
    }

    private static void refused(String text, Executable call) {
        assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void named(String name, Executable call) {
        assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
    }
}
