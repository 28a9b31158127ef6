package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Expected;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import io.github.dropfuse.testing.Place;
import io.github.dropfuse.testing.Place.Frame;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every backend and tier, bit for bit: types, sizes that are hostile to tails, starts,
 * probabilities, kinds of memory, misaligned addresses, in place and out.
 */
@Tag("long")
class MatrixTest {
    private static final int[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 255, 511, 512, 513, 1023, 1025, 4095, 4097, 65537
    };
    /** Also where a counter word of either draw, or the index's sign bit, turns over. */
    private static final long[] STARTS = {
        0,
        1,
        509,
        (1L << 32) - 100,
        (1L << 34) - 777,
        (1L << 36) - 5000,
        (1L << 44) + 7,
        Long.MAX_VALUE - 600
    };
    private static final int[] RUNS = {1, 2, 3, 5, 16, 17, 31, 64, 197, 1024};
    private static final double[] PROBABILITIES = {0.1, 0.5, 0.9};
    private static final int[] SHIFTS = {0, 1, 2, 4, 7};
    private static final long SEED = 0x5DEECE66DL;
    private static final long OFFSET = (1L << 40) + 3;
    private static final PhiloxState STATE = new PhiloxState(SEED, OFFSET);

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void dropout(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Places places = new Places(arena, dtype, SIZES[SIZES.length - 1]);
            int round = 0;
            for (int size : SIZES) {
                for (int s = 0; s <= STARTS.length; s++) {
                    long start = s < STARTS.length ? STARTS[s] : -(long) size;
                    double p = PROBABILITIES[round++ % PROBABILITIES.length];
                    Dropout layer =
                            new Dropout(p).with(Execution.automatic().on(backend).sequential());
                    byte[] mask = Oracle.mask(p, SEED, OFFSET, start, size);
                    places.check(layer, size, 1, mask, STATE, start, shiftsFor(size, round));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void dropPathByRow(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Places places = new Places(arena, dtype, 513 * 17);
            int round = 0;
            for (int rows : new int[] {1, 2, 5, 64, 513}) {
                for (int run : RUNS) {
                    if (rows * run > 513 * 17) {
                        continue;
                    }
                    double p = PROBABILITIES[round % PROBABILITIES.length];
                    long start = STARTS[round++ % STARTS.length];
                    DropPath layer =
                            new DropPath(p).with(Execution.automatic().on(backend).sequential());
                    byte[] mask = Oracle.mask(p, SEED, OFFSET, start, rows);
                    places.check(layer, rows, run, mask, STATE, start, shiftsFor(0, round));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void dropPathByBatch(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Places places = new Places(arena, dtype, 1025);
            Execution execution = Execution.automatic().on(backend).sequential();
            for (int size : new int[] {1, 17, 1025}) {
                for (int start = 0; start < 6; start++) {
                    DropPath layer =
                            new DropPath(0.5, DropPath.Mode.BATCH, Scaling.IN_TRAINING)
                                    .with(execution);
                    byte[] all = new byte[(size + 7) / 8];
                    Arrays.fill(
                            all, (byte) (Oracle.keeps(0.5, SEED, OFFSET, 0) ? -1 : 0));
                    places.check(layer, size, 1, all, STATE, start, new int[] {0, 1});
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void storedMasks(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Places places = new Places(arena, dtype, 4097);
            Execution execution = Execution.automatic().on(backend).sequential();
            int round = 0;
            for (int size : SIZES) {
                if (size > 4097) {
                    continue;
                }
                for (int start : new int[] {0, 1, 7, 8, 63, 64, 65, 515}) {
                    byte[] stored = Oracle.mask(0.3, SEED, OFFSET, 0, start + size);
                    byte[] wanted = Oracle.mask(0.3, SEED, OFFSET, start, size);
                    Place place = Place.values()[round++ % Place.values().length];
                    Mask mask = maskIn(arena, place, stored, start + size, round % 8);
                    places.check(
                            new Dropout(0.3).with(execution), size, 1, wanted, mask, start,
                            shiftsFor(size, round));
                    places.check(
                            new DropPath(0.3).with(execution), size, 1, wanted, mask, start,
                            new int[] {round % 8});
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void masks(Backend backend) {
        Execution execution = Execution.automatic().on(backend).sequential();
        try (Arena arena = Arena.ofConfined()) {
            for (Place place : Place.values()) {
                MemorySegment memory = place.memory(arena, DType.FLOAT32, 65537 / 8 + 1);
                int round = 0;
                for (int size : SIZES) {
                    for (int s = 0; s <= STARTS.length; s++) {
                        long start = s < STARTS.length ? STARTS[s] : -(long) size;
                        double p = PROBABILITIES[round % PROBABILITIES.length];
                        Frame frame = Frame.in(memory, (size + 7) / 8, round++ % 8);
                        String what = place + " mask of " + size + " from " + start;
                        Masks.draw(Mask.of(frame.body(), size), p, STATE, start, execution);
                        byte[] expected = Oracle.mask(p, SEED, OFFSET, start, size);
                        if (MemorySegment.ofArray(expected).mismatch(frame.body()) != -1) {
                            throw new AssertionError(what + " differs");
                        }
                        frame.assertMarginsUntouched(what);
                    }
                }
            }
        }
    }

    /** Every misalignment of small tensors; one of them for large ones. */
    private static int[] shiftsFor(int size, int round) {
        return size <= 1025 ? SHIFTS : new int[] {0, SHIFTS[1 + round % (SHIFTS.length - 1)]};
    }

    private static Mask maskIn(Arena arena, Place place, byte[] bits, long units, int shift) {
        MemorySegment memory = place.memory(arena, DType.FLOAT32, bits.length);
        MemorySegment body = Frame.in(memory, bits.length, shift).body();
        body.copyFrom(MemorySegment.ofArray(bits));
        return Mask.of(body, units);
    }

    /** One memory of each kind for the inputs and one for the outputs. */
    private static final class Places {
        private final DType dtype;
        private final Map<Place, MemorySegment> inputs = new EnumMap<>(Place.class);
        private final Map<Place, MemorySegment> outputs = new EnumMap<>(Place.class);

        Places(Arena arena, DType dtype, long elements) {
            this.dtype = dtype;
            for (Place place : Place.values()) {
                inputs.put(place, place.memory(arena, dtype, elements * dtype.byteSize()));
                outputs.put(place, place.memory(arena, dtype, elements * dtype.byteSize()));
            }
        }

        void check(
                ScaledDropout layer,
                int rows,
                int run,
                byte[] mask,
                MaskSource source,
                long start,
                int[] shifts) {
            long bytes = (long) rows * run * dtype.byteSize();
            MemorySegment values = MemorySegment.ofArray(new byte[(int) bytes]);
            Patterns.fill(dtype, values, rows * 31L + run);
            MemorySegment expected =
                    Expected.drop(dtype, values, run, mask, Oracle.scale(layer.p()));
            for (Place place : Place.values()) {
                for (int shift : shifts) {
                    String what =
                            layer + " of " + rows + "x" + run + " " + dtype + ", unit " + start
                                    + ", " + place + " + " + shift;
                    Frame in = Frame.in(inputs.get(place), bytes, shift);
                    Frame out = Frame.in(outputs.get(place), bytes, (shift * 3) % 8);
                    in.body().copyFrom(values);
                    Tensor x = Tensor.of(in.body(), dtype, rows, run);
                    layer.forward(x, Tensor.of(out.body(), dtype, rows, run), source, start);
                    Patterns.assertEqual(dtype, expected, out.body(), what);
                    if (values.mismatch(in.body()) != -1) {
                        throw new AssertionError(what + ": the input has changed");
                    }
                    out.assertMarginsUntouched(what);
                    layer.backward(x, x, source, start);
                    Patterns.assertEqual(dtype, expected, in.body(), what + " in place");
                    in.assertMarginsUntouched(what + " in place");
                }
            }
        }
    }
}
