package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Expected;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import io.github.dropfuse.testing.Place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Input, output and mask each in another kind of memory, longer than one call on heap memory. */
class MixedMemoryTest {
    private static final int SIZE = (1 << 16) + 77;
    private static final PhiloxState STATE = new PhiloxState(8, 9);

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void everyCombination(Backend backend, DType dtype) {
        Dropout layer = new Dropout(0.25).with(Execution.automatic().on(backend).sequential());
        byte[] bits = Oracle.mask(0.25, STATE.seed(), STATE.offset(), 0, SIZE);
        MemorySegment values = MemorySegment.ofArray(new byte[SIZE * dtype.byteSize()]);
        Patterns.fill(dtype, values, 5);
        MemorySegment expected = Expected.drop(dtype, values, 1, bits, Oracle.scale(0.25));
        try (Arena arena = Arena.ofConfined()) {
            for (Place in : Place.values()) {
                Place.Frame x = Place.Frame.in(in.memory(arena, dtype, values.byteSize()),
                        values.byteSize(), 0);
                x.body().copyFrom(values);
                for (Place out : Place.values()) {
                    Place.Frame y = Place.Frame.in(out.memory(arena, dtype, values.byteSize()),
                            values.byteSize(), 1);
                    for (Place place : Place.values()) {
                        String what = in + " to " + out + " by mask in " + place;
                        Place.Frame mask =
                                Place.Frame.in(
                                        place.memory(arena, dtype, bits.length), bits.length, 3);
                        mask.body().copyFrom(MemorySegment.ofArray(bits));
                        y.body().fill((byte) 1);
                        layer.forward(
                                Tensor.of(x.body(), dtype, SIZE), Tensor.of(y.body(), dtype, SIZE),
                                Mask.of(mask.body(), SIZE));
                        Patterns.assertEqual(dtype, expected, y.body(), what);
                        y.assertMarginsUntouched(what);
                    }
                    y.body().fill((byte) 1);
                    layer.forward(
                            Tensor.of(x.body(), dtype, SIZE), Tensor.of(y.body(), dtype, SIZE),
                            STATE);
                    Patterns.assertEqual(dtype, expected, y.body(), in + " to " + out + " drawn");
                }
            }
        }
    }
}
