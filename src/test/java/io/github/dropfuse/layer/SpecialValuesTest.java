package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Expected;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Values at the edges of each type, kept and dropped, under every kind of factor. */
class SpecialValuesTest {
    private static final double[] PROBABILITIES = {
        0.0, 0.001, 0.1, 0.17, 1.0 / 3, 0.5, 0.9, 0.999, 1 - 0x1p-20, 1 - 0x1p-40
    };

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void keptValuesAreMultipliedAndRoundedOnce(Backend backend, DType dtype) {
        MemorySegment values = values(dtype);
        long size = values.byteSize() / dtype.byteSize();
        byte[] ones = new byte[(int) (size + 7) / 8];
        Arrays.fill(ones, (byte) 0xFF);
        Mask all = Mask.of(MemorySegment.ofArray(ones), size);
        for (double p : PROBABILITIES) {
            Dropout layer = new Dropout(p).with(Execution.automatic().on(backend).sequential());
            MemorySegment expected = Expected.drop(dtype, values, 1, ones, Oracle.scale(p));
            checkBoth(dtype, values, expected, layer + " kept", (x, y) -> layer.forward(x, y, all));
            DropPath rows = new DropPath(p).with(layer.execution());
            checkBoth(
                    dtype, values, expected, rows + " kept",
                    (x, y) -> rows.forward(x.reshape(1, size), y.reshape(1, size), all));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void inferenceOfTheClassicFormIsRoundedOnceToo(Backend backend, DType dtype) {
        MemorySegment values = values(dtype);
        byte[] ones = new byte[(int) (values.byteSize() / dtype.byteSize() + 7) / 8];
        Arrays.fill(ones, (byte) 0xFF);
        for (double p : PROBABILITIES) {
            Dropout layer =
                    new Dropout(p, Scaling.AT_INFERENCE)
                            .with(Execution.automatic().on(backend).sequential());
            MemorySegment expected = Expected.drop(dtype, values, 1, ones, 1 - p);
            checkBoth(dtype, values, expected, layer + " inference", layer::infer);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void whateverIsDroppedBecomesPositiveZero(Backend backend, DType dtype) {
        MemorySegment values = values(dtype);
        long size = values.byteSize() / dtype.byteSize();
        MemorySegment zeros = MemorySegment.ofArray(new byte[(int) values.byteSize()]);
        Mask none = Mask.of(MemorySegment.ofArray(new byte[(int) (size + 7) / 8]), size);
        for (double p : new double[] {0.1, 0.5, 1.0}) {
            Dropout layer = new Dropout(p).with(Execution.automatic().on(backend).sequential());
            checkBoth(
                    dtype, values, zeros, layer + " dropped",
                    (x, y) -> layer.forward(x, y, none));
            DropPath rows = new DropPath(p).with(layer.execution());
            checkBoth(
                    dtype, values, zeros, rows + " dropped",
                    (x, y) -> rows.forward(x.reshape(1, size), y.reshape(1, size), none));
            DropBlock blocks = new DropBlock(2, p, 3).with(layer.execution());
            long[] image = {1, 1, 256, size / 256};
            checkBoth(
                    dtype, values, zeros, blocks + " dropped",
                    (x, y) -> blocks.forward(x.reshape(image), y.reshape(image), none));
        }
    }

    @ParameterizedTest
    @EnumSource
    void specialsContainWhatTheirNameSays(DType dtype) {
        MemorySegment segment = MemorySegment.ofArray(new long[20]);
        int nans = 0;
        int infinities = 0;
        int zeros = 0;
        for (long bits : Patterns.specials(dtype)) {
            Patterns.set(dtype, segment, 0, bits);
            double value = dtype.get(segment, 0);
            assertEquals(Double.isNaN(value), Patterns.isNaN(dtype, bits));
            nans += Double.isNaN(value) ? 1 : 0;
            infinities += Double.isInfinite(value) ? 1 : 0;
            zeros += value == 0 ? 1 : 0;
        }
        assertEquals(6, nans);
        assertEquals(2, infinities);
        assertEquals(2, zeros);
    }

    private interface Pass {
        void run(Tensor x, Tensor y);
    }

    private static void checkBoth(
            DType dtype, MemorySegment values, MemorySegment expected, String what, Pass pass) {
        long size = values.byteSize() / dtype.byteSize();
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, dtype, size);
            Tensor y = Tensor.allocate(arena, dtype, size);
            x.segment().copyFrom(values);
            pass.run(x, y);
            Patterns.assertEqual(dtype, expected, y.segment(), what + " " + dtype);
            pass.run(x, x);
            Patterns.assertEqual(dtype, expected, x.segment(), what + " in place " + dtype);
        }
    }

    /** All patterns of a 16-bit type; specials and random patterns of the others. */
    private static MemorySegment values(DType dtype) {
        MemorySegment values = MemorySegment.ofArray(new byte[65536 * dtype.byteSize()]);
        if (dtype.byteSize() > 2) {
            Patterns.fill(dtype, values, 77);
            return values;
        }
        for (int pattern = 0; pattern < 65536; pattern++) {
            Patterns.set(dtype, values, pattern, pattern);
        }
        return values;
    }
}
