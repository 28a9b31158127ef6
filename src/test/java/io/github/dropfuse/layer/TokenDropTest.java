package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Token drop: which tokens it keeps, and that it moves them unchanged. */
class TokenDropTest {
    private static final PhiloxState STATE = new PhiloxState(77, 5);

    @Test
    void keepsTheSmallestDrawsOfEachSample() {
        for (int prefix : new int[] {0, 1, 5}) {
            TokenDrop drop = new TokenDrop(0.6, prefix);
            int tokens = 197;
            int others = tokens - prefix;
            int keep = drop.kept(tokens);
            assertEquals(prefix + (int) Math.rint(others * 0.4), keep);
            long[] indices = drop.indices(3, tokens, STATE, 4);
            for (int n = 0; n < 3; n++) {
                long base = (4L + n) * others;
                long[] expected =
                        IntStream.concat(
                                        IntStream.range(0, prefix),
                                        IntStream.range(0, others)
                                                .boxed()
                                                .sorted(
                                                        (a, b) ->
                                                                Long.compare(
                                                                        draw(base + a),
                                                                        draw(base + b)))
                                                .limit(keep - prefix)
                                                .sorted()
                                                .mapToInt(t -> prefix + t))
                                .asLongStream()
                                .toArray();
                assertArrayEquals(expected, Arrays.copyOfRange(indices, n * keep, (n + 1) * keep));
            }
        }
    }

    private static long draw(long unit) {
        return Oracle.secondDraw(77, 5, unit);
    }

    @Test
    void keepsAtLeastOne() {
        assertEquals(1, new TokenDrop(0.999, 0).kept(10));
        assertEquals(3, new TokenDrop(0.999, 2).kept(10));
        assertEquals(2, new TokenDrop(1, 2).kept(10));
        assertEquals(10, new TokenDrop(0, 2).kept(10));
        assertEquals(2, new TokenDrop(0.5, 2).kept(2));
        assertArrayEquals(new long[] {0, 1, 0, 1}, new TokenDrop(1, 2).indices(2, 10, STATE));
    }

    /** Over many samples each token is kept equally often. */
    @Test
    void choosesFairly() {
        int samples = 20_000;
        long[] indices = new TokenDrop(0.75, 1).indices(samples, 17, STATE);
        int[] counts = new int[17];
        for (long index : indices) {
            counts[(int) index]++;
        }
        assertEquals(samples, counts[0]);
        for (int t = 1; t < 17; t++) {
            assertTrue(Statistics.twoSided(samples, counts[t], 0.25) > 1e-4, "token " + t);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void movesTokens(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            TokenDrop drop = new TokenDrop(0.5, 1).with(Execution.automatic().on(backend));
            int keep = drop.kept(12);
            Tensor x = Samples.any(arena, dtype, 3, 4, 12, 7);
            Tensor y = Samples.empty(arena, dtype, 4, keep, 7);
            Tensor back = Samples.empty(arena, dtype, 4, 12, 7);
            long[] indices = drop.indices(4, 12, STATE);
            drop.forward(x, y, indices);
            drop.backward(y, back, indices);
            Tensor expected = Samples.empty(arena, dtype, 4, keep, 7);
            Tensor gradient = Samples.empty(arena, dtype, 4, 12, 7);
            gradient.segment().fill((byte) 0);
            for (int j = 0; j < indices.length; j++) {
                for (int c = 0; c < 7; c++) {
                    long at = (j / keep * 12 + indices[j]) * 7 + c;
                    expected.set(j * 7L + c, x.get(at));
                    gradient.set(at, x.get(at));
                }
            }
            Samples.same("forward", expected, y);
            Samples.same("backward", gradient, back);
        }
    }

    @Test
    void manySamplesWithoutElements() {
        Tensor x = Tensor.of(new float[0], 1L << 62, 5, 0);
        Tensor y = Tensor.of(new float[0], 1L << 62, 3, 0);
        TokenDrop drop = new TokenDrop(0.5, 1);
        drop.forward(x, y, STATE);
        drop.backward(y, x, STATE);
    }

    @Test
    void refusesBadArguments() {
        TokenDrop drop = new TokenDrop(0.5, 1);
        Tensor x = Tensor.of(new float[2 * 5 * 3], 2, 5, 3);
        Tensor y = Tensor.of(new float[2 * 3 * 3], 2, 3, 3);
        refuses("p is 2.0, allowed are 0 to 1", () -> new TokenDrop(2, 0));
        refuses("prefixTokens is -1, allowed are 0 to 2^31 - 1", () -> new TokenDrop(0.5, -1));
        refuses(
                "tokens is 0, allowed are 1, the tokens always kept, and more",
                () -> drop.kept(0));
        refuses("samples is -1, allowed are 0 to 2^31 - 1", () -> drop.indices(-1, 5, STATE));
        refuses(
                "firstSample is -1, allowed are 0 to 2^63 - 1",
                () -> drop.indices(1, 5, STATE, -1));
        refuses(
                "indices has 5 elements, allowed are 6",
                () -> drop.forward(x, y, new long[] {0, 1, 2, 0, 1}));
        refuses(
                "indices[4] is 5, allowed are 0 to 4",
                () -> drop.forward(x, y, new long[] {0, 1, 2, 0, 5, 1}));
        refuses(
                "indices[5] is 4 once more in sample 1, allowed is each token once",
                () -> drop.backward(y, x, new long[] {0, 1, 4, 0, 4, 4}));
        refuses(
                "y has shape [2, 5, 3], allowed is [2, 3, 3]",
                () -> drop.forward(x, x, new long[6]));
        refuses(
                "x has rank 2, allowed is 3: (N, T, C)",
                () -> drop.forward(x.reshape(10, 3), y, new long[6]));
        assertTrue(Arrays.equals(new float[30], (float[]) x.segment().heapBase().orElseThrow()));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    /** The last sample's last unit is 2^64 - 1. */
    @Test
    void unitsEndAt64Bits() {
        TokenDrop drop = new TokenDrop(0.5, 1);
        long last = (1L << 62) - 2;
        assertEquals(6, drop.indices(2, 5, STATE, last).length);
        refuses(
                "firstSample is 4611686018427387903, with 2 samples of 4 units allowed are 0 to "
                        + last,
                () -> drop.indices(2, 5, STATE, last + 1));
        Tensor x = Tensor.of(new float[2 * 5 * 3], 2, 5, 3);
        Tensor y = Tensor.of(new float[2 * 3 * 3], 2, 3, 3);
        drop.forward(x, y, STATE, Shard.startingAt(last));
        assertThrows(
                IllegalArgumentException.class,
                () -> drop.forward(x, y, STATE, Shard.startingAt(last + 1)));
    }

    @Test
    void emptyTensorsHaveNoUnits() {
        TokenDrop drop = new TokenDrop(0.5, 1);
        for (long[] shape : new long[][] {{2, 4, 0}, {0, 4, 3}}) {
            Tensor x = Tensor.of(new float[0], shape);
            assertEquals(0, drop.units(x));
            assertEquals(0, drop.mask(Arena.ofAuto(), x, STATE).units());
        }
    }
}
