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
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any box of a tensor gets exactly that box of the whole tensor's result. */
class BoxesTest {
    private static final PhiloxState STATE = new PhiloxState(-5, 77);
    private static final long[] WHOLE = {4, 5, 6, 7};
    private static final int BOXES = 12;

    /** A layer, and the dimensions that a box cannot cut. */
    private record Subject(Layer layer, int... uncut) {}

    private static List<Subject> subjects(Execution on) {
        return List.of(
                new Subject(new Dropout(0.3).with(on)),
                new Subject(
                        new Dropout(0.4, Scaling.IN_TRAINING, Units.noiseShape(-1, 1, -1, 1))
                                .with(on)),
                new Subject(
                        new Dropout(0.4, Scaling.IN_TRAINING, Units.noiseShape(-1, 1, -1)).with(on)),
                new Subject(
                        new Dropout(0.4, Scaling.IN_TRAINING, Units.noiseShape(1, -1, 1, -1))
                                .with(on)),
                new Subject(new Dropout2d(0.4).with(on)),
                new Subject(
                        new Dropout2d(0.4, Channels.LAST, Scaling.AT_INFERENCE).with(on)),
                new Subject(new DropPath(0.5).with(on)),
                new Subject(
                        new DropPath(0.5, DropPath.Mode.BATCH, Scaling.IN_TRAINING).with(on)),
                new Subject(new Zoneout(0.3).with(on)),
                new Subject(new Zoneout(0.4, Units.noiseShape(-1, 1, -1, 1)).with(on)),
                new Subject(new AlphaDropout(0.3).with(on)),
                new Subject(new FeatureAlphaDropout(0.3).with(on)),
                new Subject(new GaussianDropout(0.3).with(on)),
                new Subject(new GaussianNoise(0.3).with(on)),
                new Subject(new DropBlock(2, 0.3, 3).with(on), 2, 3));
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void ofEveryLayer(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend);
        for (Subject subject : subjects(on)) {
            Layer layer = subject.layer;
            SplittableRandom random = new SplittableRandom(3);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = filled(arena, dtype, 1, WHOLE);
                Tensor y = Tensor.allocate(arena, dtype, WHOLE);
                Tensor dx = Tensor.allocate(arena, dtype, WHOLE);
                layer.forward(x, y, STATE);
                layer.backward(x, dx, STATE);
                for (int i = 0; i < BOXES; i++) {
                    long[] from = new long[4];
                    long[] shape = WHOLE.clone();
                    choose(random, subject, from, shape);
                    Shard shard = Shard.of(WHOLE, from);
                    String what = layer + " " + shard + " " + Arrays.toString(shape);
                    Tensor part = box(arena, x, from, shape);
                    check(what, layer, arena, part, STATE, shard, box(arena, y, from, shape), true);
                    check(what, layer, arena, part, STATE, shard, box(arena, dx, from, shape), false);
                    storedMasks(what, layer, arena, x, part, shard, box(arena, y, from, shape));
                }
            }
        }
    }

    private static void storedMasks(
            String what, Layer layer, Arena arena, Tensor x, Tensor part, Shard shard, Tensor y) {
        if (layer instanceof GaussianDropout || layer instanceof GaussianNoise) {
            return;
        }
        Mask ofBox = layer.mask(arena, part, STATE, shard);
        check(what + ", its own mask", layer, arena, part, ofBox, Shard.WHOLE, y, true);
        Mask whole = layer.mask(arena, x, STATE);
        Mask cutOut = layer.mask(arena, part, whole, shard);
        assertEquals(-1, ofBox.segment().mismatch(cutOut.segment()), what);
        check(what + ", the whole mask", layer, arena, part, whole, shard, y, true);
    }

    private static void check(
            String what,
            Layer layer,
            Arena arena,
            Tensor x,
            MaskSource source,
            Shard shard,
            Tensor wanted,
            boolean forward) {
        Tensor y = Tensor.allocate(arena, x.dtype(), x.shape());
        if (forward) {
            layer.forward(x, y, source, shard);
        } else {
            layer.backward(x, y, source, shard);
        }
        Patterns.assertEqual(x.dtype(), wanted.segment(), y.segment(), what);
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void ofResidualForms(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend);
        DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.3).with(on));
        DropPathAdd pathAdd = new DropPathAdd(new DropPath(0.5).with(on));
        SplittableRandom random = new SplittableRandom(4);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = filled(arena, dtype, 1, WHOLE);
            Tensor residual = filled(arena, dtype, 2, WHOLE);
            Tensor vector = filled(arena, dtype, 3, 7);
            Tensor added = Tensor.allocate(arena, dtype, WHOLE);
            Tensor path = Tensor.allocate(arena, dtype, WHOLE);
            dropoutAdd.forward(x, vector, residual, added, STATE);
            pathAdd.forward(x, vector, residual, path, STATE);
            for (int i = 0; i < BOXES; i++) {
                long[] from = new long[4];
                long[] shape = WHOLE.clone();
                choose(random, new Subject(null), from, shape);
                Shard shard = Shard.of(WHOLE, from);
                Tensor part = box(arena, x, from, shape);
                Tensor beside = box(arena, residual, from, shape);
                Tensor v = box(arena, vector, new long[] {from[3]}, new long[] {shape[3]});
                Tensor out = Tensor.allocate(arena, dtype, shape);
                dropoutAdd.forward(part, v, beside, out, STATE, shard);
                Patterns.assertEqual(
                        dtype, box(arena, added, from, shape).segment(), out.segment(),
                        dropoutAdd + " " + shard);
                pathAdd.forward(part, v, beside, out, STATE, shard);
                Patterns.assertEqual(
                        dtype, box(arena, path, from, shape).segment(), out.segment(),
                        pathAdd + " " + shard);
            }
        }
    }

    /** A box's share of a vector's gradient is the one of its own mask. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void ofGradientsOfVectors(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend);
        DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.3).with(on));
        DropPathAdd pathAdd = new DropPathAdd(new DropPath(0.5).with(on));
        SplittableRandom random = new SplittableRandom(5);
        try (Arena arena = Arena.ofConfined()) {
            Tensor dy = filled(arena, dtype, 1, WHOLE);
            Tensor x = filled(arena, dtype, 2, WHOLE);
            for (int i = 0; i < BOXES; i++) {
                long[] from = new long[4];
                long[] shape = WHOLE.clone();
                choose(random, new Subject(null), from, shape);
                Shard shard = Shard.of(WHOLE, from);
                Tensor part = box(arena, dy, from, shape);
                Tensor beside = box(arena, x, from, shape);
                Tensor expected = Tensor.allocate(arena, dtype, shape[3]);
                Tensor sums = Tensor.allocate(arena, dtype, shape[3]);
                dropoutAdd.biasGradient(
                        part, expected, dropoutAdd.mask(arena, part, STATE, shard));
                dropoutAdd.biasGradient(part, sums, STATE, shard);
                Patterns.assertEqual(
                        dtype, expected.segment(), sums.segment(), dropoutAdd + " " + shard);
                pathAdd.gammaGradient(
                        part, beside, expected, pathAdd.mask(arena, part, STATE, shard));
                pathAdd.gammaGradient(part, beside, sums, STATE, shard);
                Patterns.assertEqual(
                        dtype, expected.segment(), sums.segment(), pathAdd + " " + shard);
            }
        }
    }

    @Test
    void columnsOfALargeTensorOverThreads() {
        Dropout layer = new Dropout(0.1);
        long[] whole = {3000, 512};
        try (Arena arena = Arena.ofShared()) {
            Tensor x = filled(arena, DType.FLOAT32, 1, whole);
            Tensor y = Tensor.allocate(arena, DType.FLOAT32, whole);
            layer.forward(x, y, STATE);
            long[] from = {0, 200};
            long[] shape = {3000, 300};
            Tensor part = box(arena, x, from, shape);
            layer.forward(part, part, STATE, Shard.of(whole, from));
            Patterns.assertEqual(
                    DType.FLOAT32, box(arena, y, from, shape).segment(), part.segment(), "columns");
        }
    }

    @Test
    void refusesWhatIsNotWithinTheWhole() {
        Tensor x = Tensor.of(new float[24], 4, 6);
        Dropout layer = new Dropout(0.5);
        refuses(
                "from has 1 indices, allowed is wholeShape's rank 2",
                () -> Shard.of(new long[] {8, 6}, 1));
        refuses("from[1] is -1, allowed are 0 to 6", () -> Shard.of(new long[] {8, 6}, 0, -1));
        refuses(
                "x has shape [4, 6], which from [5, 0] on is not within wholeShape [8, 6]",
                () -> layer.forward(x, x, STATE, Shard.of(new long[] {8, 6}, 5, 0)));
        refuses(
                "x has shape [4, 6], which from [0, 0, 0] on is not within wholeShape [8, 6, 1]",
                () -> layer.forward(x, x, STATE, Shard.of(new long[] {8, 6, 1}, 0, 0, 0)));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        layer.forward(
                                x, x, TorchGenerator.seeded(1).next(TorchStream.RAND),
                                Shard.of(new long[] {8, 6}, 0, 0)));
        Tensor images = Tensor.of(new float[36], 1, 1, 6, 6);
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new DropBlock(2, 0.5, 3)
                                .forward(
                                        images, images, STATE,
                                        Shard.of(new long[] {1, 1, 8, 6}, 0, 0, 1, 0)));
        Patterns.assertFilled(x.segment(), (byte) 0, "x");
    }

    @Test
    void refusesMasksThatEndBeforeTheShard() {
        Tensor x = Tensor.of(new float[24], 4, 6);
        Dropout layer = new Dropout(0.5);
        refuses(
                "mask has 30 units, needed are at least 36",
                () ->
                        layer.forward(
                                x, x, Mask.allocate(Arena.ofAuto(), 30),
                                Shard.of(new long[] {8, 6}, 2, 0)));
        refuses(
                "start is 3, for 24 units of a mask of 36 allowed are 0 to 2",
                () -> layer.forward(x, x, Mask.allocate(Arena.ofAuto(), 36), 3));
        Patterns.assertFilled(x.segment(), (byte) 0, "x");
    }

    /** Whose dimensions all decide, of which it has none; a noise shape's share one unit. */
    @Test
    void aScalarIsTheEntryThatItStartsAt() {
        Tensor x = Tensor.of(new float[] {1});
        Dropout layer = new Dropout(0.5);
        Dropout shared = new Dropout(0.5, Scaling.NONE, Units.noiseShape());
        try (Arena arena = Arena.ofConfined()) {
            Mask units = layer.mask(arena, Tensor.of(new float[100], 100), STATE);
            for (long start = 0; start < 100; start++) {
                assertEquals(units.keeps(start), layer.mask(arena, x, STATE, start).keeps(0));
                assertEquals(units.keeps(0), shared.mask(arena, x, STATE, start).keeps(0));
                Tensor y = Tensor.of(new float[1]);
                layer.forward(x, y, units, start);
                assertEquals(units.keeps(start) ? 2 : 0, y.get(0));
            }
        }
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void choose(
            SplittableRandom random, Subject subject, long[] from, long[] shape) {
        for (int d = 0; d < shape.length; d++) {
            int dimension = d;
            if (Arrays.stream(subject.uncut).noneMatch(u -> u == dimension) && random.nextBoolean()) {
                from[d] = random.nextLong(shape[d]);
                shape[d] = random.nextLong(1, shape[d] - from[d] + 1);
            }
        }
    }

    private static Tensor filled(Arena arena, DType dtype, long seed, long... shape) {
        Tensor tensor = Tensor.allocate(arena, dtype, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long e = 0; e < tensor.size(); e++) {
            tensor.set(e, random.nextDouble(-4, 4));
        }
        return tensor;
    }

    /** A copy of a box of a tensor. */
    private static Tensor box(Arena arena, Tensor of, long[] from, long[] shape) {
        Tensor box = Tensor.allocate(arena, of.dtype(), shape);
        int size = of.dtype().byteSize();
        for (long e = 0; e < box.size(); e++) {
            long rest = e;
            long at = 0;
            long stride = 1;
            for (int d = shape.length - 1; d >= 0; d--) {
                at += (from[d] + rest % shape[d]) * stride;
                rest /= shape[d];
                stride *= of.extent(d);
            }
            MemorySegment.copy(of.segment(), at * size, box.segment(), e * size, size);
        }
        return box;
    }
}
