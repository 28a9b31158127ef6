package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** GaussianDropout and GaussianNoise on every backend. */
class GaussianTest {
    private static final int[] SIZES = {
        0, 1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 513, 2047, 2049,
        4097
    };
    private static final long[] STARTS = {0, 1, 131, 255, (1L << 32) - 100, (1L << 44) + 7};
    private static final PhiloxState STATE = new PhiloxState(-77, (1L << 40) + 3);

    private static float[] normals(long start, int count) {
        float[] n = new float[count];
        Tensor y = Tensor.of(n, count);
        new GaussianNoise(1)
                .with(Execution.automatic().on(Backends.reference()))
                .forward(y, y, STATE, start);
        return n;
    }

    private static Tensor expected(Arena arena, Tensor x, long start, boolean multiply, double s) {
        float[] n = normals(start, (int) x.size());
        Tensor y = Samples.empty(arena, x.dtype(), x.shape());
        for (int e = 0; e < n.length; e++) {
            double v = x.get(e);
            if (x.dtype() == DType.FLOAT64) {
                y.set(e, multiply ? v * Math.fma(s, n[e], 1.0) : Math.fma(s, n[e], v));
            } else {
                float f = (float) s;
                y.set(
                        e,
                        multiply
                                ? (float) v * Math.fma(f, n[e], 1f)
                                : Math.fma(f, n[e], (float) v));
            }
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void equalsTheFormula(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend);
        GaussianDropout dropout = new GaussianDropout(0.3).with(on);
        GaussianNoise noise = new GaussianNoise(0.7).with(on);
        for (int size : SIZES) {
            for (long start : STARTS) {
                try (Arena arena = Arena.ofConfined()) {
                    String what = size + " from " + start;
                    Tensor x = Samples.any(arena, dtype, size, size);
                    Tensor y = Samples.empty(arena, dtype, size);
                    Tensor product = expected(arena, x, start, true, Math.sqrt(0.3 / 0.7));
                    dropout.forward(x, y, STATE, start);
                    Samples.same(what, product, y);
                    dropout.backward(x, y, STATE, start);
                    Samples.same(what + " backward", product, y);
                    Tensor inPlace = Samples.copy(arena, x);
                    dropout.forward(inPlace, inPlace, STATE, start);
                    Samples.same(what + " in place", product, inPlace);

                    Tensor sum = expected(arena, x, start, false, 0.7);
                    noise.forward(x, y, STATE, start);
                    Samples.same(what + " noise", sum, y);
                    noise.backward(x, y);
                    Samples.same(what + " noise backward", x, y);
                    inPlace = Samples.copy(arena, x);
                    noise.forward(inPlace, inPlace, STATE, start);
                    Samples.same(what + " noise in place", sum, inPlace);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void touchesNoByteOutside(Backend backend, DType dtype) {
        Execution on = Execution.automatic().on(backend).sequential();
        GaussianDropout layer = new GaussianDropout(0.5).with(on);
        GaussianDropout reference =
                new GaussianDropout(0.5).with(on.on(Backends.reference()));
        try (GuardedMemory in = new GuardedMemory(5000 * 8);
                GuardedMemory out = new GuardedMemory(5000 * 8)) {
            for (int size : SIZES) {
                long bytes = (long) size * dtype.byteSize();
                for (boolean last : new boolean[] {true, false}) {
                    MemorySegment x = last ? in.last(bytes) : in.first(bytes);
                    MemorySegment y = last ? out.last(bytes) : out.first(bytes);
                    Patterns.fill(dtype, x, size);
                    MemorySegment wanted = MemorySegment.ofArray(new byte[(int) bytes]);
                    reference.forward(
                            Tensor.of(x, dtype, size), Tensor.of(wanted, dtype, size), STATE, 3);
                    layer.forward(Tensor.of(x, dtype, size), Tensor.of(y, dtype, size), STATE, 3);
                    Patterns.assertEqual(dtype, wanted, y, size + " elements");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void cutsAndThreadsChangeNothing(Backend backend, DType dtype) {
        int size = 700_001;
        Execution on = Execution.automatic().on(backend);
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            Tensor x = Samples.plain(arena, dtype, 3, size);
            Tensor whole = Samples.empty(arena, dtype, size);
            Tensor parts = Samples.empty(arena, dtype, size);
            GaussianDropout layer = new GaussianDropout(0.2).with(on.sequential());
            layer.forward(x, whole, STATE, 11);
            long[] cuts = {0, 1, 130, 256, 5003, 400_000, size};
            for (int i = 1; i < cuts.length; i++) {
                layer.forward(
                        x.slice(cuts[i - 1], cuts[i]), parts.slice(cuts[i - 1], cuts[i]), STATE,
                        11 + cuts[i - 1]);
            }
            Samples.same("cut", whole, parts);
            layer.with(on.over(executor, 3)).forward(x, parts, STATE, 11);
            Samples.same("threads", whole, parts);
        }
    }

    @Test
    void nothingIsTheIdentity() {
        Tensor x = Tensor.of(new float[] {1, -2, Float.NaN, Float.NEGATIVE_INFINITY, -0f}, 5);
        Tensor y = Tensor.of(new float[5], 5);
        new GaussianDropout(0).forward(x, y, STATE);
        assertEquals(-1, x.segment().mismatch(y.segment()));
        y.segment().fill((byte) 1);
        new GaussianNoise(0).forward(x, y, STATE);
        assertEquals(-1, x.segment().mismatch(y.segment()));
        y.segment().fill((byte) 1);
        new GaussianDropout(0.9).infer(x, y);
        assertEquals(-1, x.segment().mismatch(y.segment()));
        y.segment().fill((byte) 1);
        new GaussianNoise(0.9).infer(x, y);
        assertEquals(-1, x.segment().mismatch(y.segment()));
    }

    /** Keras's test of its layers: mean 1 and the standard deviation on ones(20, 500). */
    @Test
    void hasTheStrengthOfDropout() {
        for (double p : new double[] {0.1, 0.3, 0.5, 0.8}) {
            GaussianDropout layer = new GaussianDropout(p);
            double bound = 0.02 * Math.max(1, layer.sigma());
            try (Arena arena = Arena.ofConfined()) {
                Tensor y = Samples.filled(arena, DType.FLOAT32, 1, 20, 500);
                layer.forward(y, y, new PhiloxState(1337, 0));
                assertEquals(1, Statistics.mean(y), bound, "p = " + p);
                assertEquals(layer.sigma(), Statistics.deviation(y), bound, "p = " + p);
            }
            assertEquals(p / (1 - p), layer.sigma() * layer.sigma(), 1e-12);
        }
    }

    @Test
    void refusesBadArguments() {
        refuses("p is 1.0, allowed are 0 to below 1", () -> new GaussianDropout(1));
        refuses("p is -0.1, allowed are 0 to below 1", () -> new GaussianDropout(-0.1));
        refuses("p is NaN, allowed are 0 to below 1", () -> new GaussianDropout(Double.NaN));
        String range = ", allowed are 0 and more, up to the largest finite number";
        refuses("sigma is -1.0" + range, () -> new GaussianNoise(-1));
        refuses("sigma is Infinity" + range, () -> new GaussianNoise(Double.POSITIVE_INFINITY));
        refuses("sigma is NaN" + range, () -> new GaussianNoise(Double.NaN));
        float[] values = {1, 2, 3, 4, 5};
        MemorySegment memory = MemorySegment.ofArray(values);
        Tensor x = Tensor.of(memory.asSlice(0, 16), DType.FLOAT32, 4);
        Tensor y = Tensor.of(memory.asSlice(4, 16), DType.FLOAT32, 4);
        refuses(
                "y overlaps x in part; allowed are the same memory and memory apart",
                () -> new GaussianDropout(0.5).forward(x, y, STATE));
        refuses(
                "y is float64, allowed is x's float32",
                () -> new GaussianNoise(0.5).forward(x, Tensor.of(new double[4], 4), STATE));
        refuses(
                "start is 18446744073709551613, with 4 units allowed are 0 to 18446744073709551612",
                () -> new GaussianNoise(0.5).forward(x, x, STATE, -3));
        org.junit.jupiter.api.Assertions.assertArrayEquals(new float[] {1, 2, 3, 4, 5}, values);
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
