package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token drop: which tokens it keeps, and that it moves them unchanged. */
class TokenDropTest {
    private static final PhiloxState STATE = new PhiloxState(77, 5);

    /** Work follows the elements, of which there are none. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 40, 1L << 62})
    void masksOfTensorsWithoutElements(long samples) {
        Tensor x = Tensor.ofAddress(0, DType.FLOAT32, samples, 5, 0);
        for (Shard shard : new Shard[] {Shard.WHOLE, Shard.startingAt(3)}) {
            Mask mask = new TokenDrop(0.5, 1).mask(Arena.ofAuto(), x, STATE, shard);
            assertEquals(0, mask.units());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3, 4, 5, 6})
    void keepsTheSmallestDrawsOfEachSample(long first) {
        for (int prefix : new int[] {0, 1, 5}) {
            TokenDrop drop = new TokenDrop(0.6, prefix);
            int tokens = 197;
            int others = tokens - prefix;
            int keep = drop.kept(tokens);
            assertEquals(prefix + (int) Math.rint(others * 0.4), keep);
            long[] indices = drop.indices(3, tokens, STATE, first);
            for (int n = 0; n < 3; n++) {
                long base = (first + n) * others;
                LongStream chosen =
                        IntStream.range(0, others)
                                .boxed()
                                .sorted(Comparator.comparingLong(t -> draw(base + t)))
                                .limit(keep - prefix)
                                .sorted()
                                .mapToLong(t -> prefix + t);
                long[] expected = LongStream.concat(LongStream.range(0, prefix), chosen).toArray();
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

    /** A state, its mask, and a box of the whole give what the chosen tokens do. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void everySourceMovesTheSameTokens(Backend backend) {
        try (Arena arena = Arena.ofConfined()) {
            TokenDrop drop = new TokenDrop(0.6, 2).with(Execution.automatic().on(backend));
            int keep = drop.kept(13);
            assertEquals(6, keep);
            Tensor x = Samples.any(arena, DType.FLOAT32, 3, 4, 13, 7);
            Tensor expected = Samples.empty(arena, DType.FLOAT32, 4, keep, 7);
            Tensor gradient = Samples.empty(arena, DType.FLOAT32, 4, 13, 7);
            drop.forward(x, expected, drop.indices(4, 13, STATE, 3));
            drop.backward(expected, gradient, drop.indices(4, 13, STATE, 3));

            Tensor y = Samples.empty(arena, DType.FLOAT32, 4, keep, 7);
            Tensor dx = Samples.empty(arena, DType.FLOAT32, 4, 13, 7);
            drop.forward(x, y, STATE, 3);
            drop.backward(y, dx, STATE, 3);
            Samples.same("state", expected, y);
            Samples.same("state's gradient", gradient, dx);

            Mask mask = drop.mask(arena, x, STATE, 3);
            assertEquals(4 * 11, mask.units());
            assertEquals(4 * (keep - 2), mask.kept());
            y.segment().fill((byte) 1);
            dx.segment().fill((byte) 1);
            drop.forward(x, y, mask);
            drop.backward(y, dx, mask);
            Samples.same("mask", expected, y);
            Samples.same("mask's gradient", gradient, dx);
            assertEquals(
                    -1, mask.segment().mismatch(drop.mask(arena, x, mask).segment()), "of a mask");

            Tensor part = Samples.empty(arena, DType.FLOAT32, 2, 13, 3);
            Tensor kept = Samples.empty(arena, DType.FLOAT32, 2, keep, 3);
            copyBox(x, part, 13);
            Shard box = Shard.of(new long[] {9, 13, 7}, 4, 0, 2);
            drop.forward(part, kept, STATE, box);
            Tensor ofExpected = Samples.empty(arena, DType.FLOAT32, 2, keep, 3);
            copyBox(expected, ofExpected, keep);
            Samples.same("box", ofExpected, kept);
            assertEquals(
                    -1,
                    drop.mask(arena, part, STATE, box)
                            .segment()
                            .mismatch(drop.mask(arena, part, STATE, 4).segment()));
        }
    }

    /** Samples 1 and 2, channels 2 to 4 of 7. */
    private static void copyBox(Tensor from, Tensor to, long tokens) {
        for (long row = 0; row < 2 * tokens; row++) {
            for (long c = 0; c < 3; c++) {
                to.set(row * 3 + c, from.get((tokens + row) * 7 + 2 + c));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void inferenceKeepsAllTokens(Backend backend) {
        try (Arena arena = Arena.ofConfined()) {
            TokenDrop drop = new TokenDrop(0.6, 2).with(Execution.automatic().on(backend));
            Tensor x = Samples.any(arena, DType.BFLOAT16, 3, 2, 5, 3);
            Tensor y = Samples.empty(arena, DType.BFLOAT16, 2, 5, 3);
            drop.infer(x, y);
            Samples.same("inference", x, y);
            refuses(
                    "x has rank 2, allowed is 3: (N, T, C)",
                    () -> drop.infer(x.reshape(10, 3), y.reshape(10, 3)));
            refuses("y has shape [2, 5, 3], allowed is x's [10, 3]",
                    () -> drop.infer(x.reshape(10, 3), y));
        }
    }

    @Test
    void hasItsSettings() {
        Execution execution = Execution.automatic().sequential();
        TokenDrop drop = new TokenDrop(0.25, 3).with(execution);
        TokenDrop made = new TokenDrop(1, 3).with(execution).withP(0.25);
        for (TokenDrop same : new TokenDrop[] {drop, made}) {
            assertEquals(0.25, same.p());
            assertEquals(3, same.prefixTokens());
            assertEquals(execution, same.execution());
            assertEquals("TokenDrop[p=0.25, prefixTokens=3]", same.toString());
        }
    }

    @Test
    void unitsAreTokensThatAreNotExempt() {
        assertEquals(8, new TokenDrop(0.5, 1).units(Tensor.of(new float[30], 2, 5, 3)));
        Tensor long31 = Tensor.of(new float[0], 1, Integer.MAX_VALUE, 0);
        assertEquals(0, new TokenDrop(0.5, 1).units(long31));
        Tensor long32 = Tensor.of(new float[0], 1, 1L << 31, 0);
        refuses(
                "x has 2147483648 tokens a sample, allowed are 0 to 2^31 - 1",
                () -> new TokenDrop(0.5, 1).units(long32));
    }

    @Test
    void sourcesThatDoNotDecide() {
        TokenDrop drop = new TokenDrop(0.5, 1);
        Tensor x = Tensor.of(new float[2 * 5 * 3], 2, 5, 3);
        Tensor y = Tensor.of(new float[2 * 3 * 3], 2, 3, 3);
        Mask mask = Mask.allocate(Arena.ofAuto(), 8);
        refuses("mask keeps 0 tokens of sample 0, allowed are 2", () -> drop.forward(x, y, mask));
        for (int unit : new int[] {0, 3, 5, 6, 7}) {
            mask.set(unit, true);
        }
        refuses("mask keeps 3 tokens of sample 1, allowed are 2", () -> drop.forward(x, y, mask));
        refuses("mask keeps 3 tokens of sample 1, allowed are 2", () -> drop.backward(y, x, mask));
        Mask seven = Mask.allocate(Arena.ofAuto(), 7);
        for (Executable call :
                new Executable[] {
                    () -> drop.forward(x, y, seven),
                    () -> drop.backward(y, x, seven),
                    () -> drop.mask(Arena.ofAuto(), x, seven)
                }) {
            refuses("mask has 7 units, needed are at least 8", call);
        }
        TorchCall call = TorchGenerator.seeded(1).next(TorchStream.RAND);
        String message =
                "source is a TorchCall, allowed for TokenDrop are a PhiloxState and a Mask";
        refuses(message, () -> drop.forward(x, y, call));
        refuses(message, () -> drop.backward(y, x, call));
        refuses(message, () -> drop.mask(Arena.ofAuto(), x, call));
        refuses(
                "x has shape [2, 5, 3], allowed in a shard of [2, 6, 3] are all tokens, as they are"
                        + " chosen of whole samples",
                () -> drop.forward(x, y, STATE, Shard.of(new long[] {2, 6, 3}, 0, 1, 0)));
        refuses("y has shape [2, 5, 3], allowed is [2, 3, 3]", () -> drop.forward(x, x, STATE));
        refuses("dy has shape [2, 5, 3], allowed is [2, 3, 3]", () -> drop.backward(x, x, STATE));
    }

    @Test
    void samplesOfTheLargestBatch() {
        TokenDrop drop = new TokenDrop(0.5, 1);
        assertEquals(0, drop.indices(0, 5, STATE).length);
        assertEquals(0, drop.indices(0, 5, STATE, Long.MAX_VALUE).length);
        assertEquals(2, new TokenDrop(0.5, 1).indices(2, 1, STATE, Long.MAX_VALUE).length);
        assertEquals(6, drop.indices(2, 5, STATE, (1L << 62) - 2).length);
        refuses(
                "firstSample is 4611686018427387903, with 2 samples of 4 units allowed are 0 to"
                        + " 4611686018427387902",
                () -> drop.indices(2, 5, STATE, (1L << 62) - 1));
        refuses(
                "samples is 2, with 2147483647 kept tokens allowed are 0 to 0, as an array holds no"
                        + " more",
                () -> new TokenDrop(0, 0).indices(2, Integer.MAX_VALUE, STATE));
    }

    @Test
    void manySamplesWithoutElements() {
        Tensor x = Tensor.of(new float[0], 1L << 62, 5, 0);
        Tensor y = Tensor.of(new float[0], 1L << 62, 3, 0);
        TokenDrop drop = new TokenDrop(0.5, 1);
        drop.forward(x, y, STATE);
        drop.backward(y, x, STATE);
        refuses(
                "indices has 0 elements, allowed are 13835058055282163712",
                () -> drop.forward(x, y, new long[0]));
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
                "indices[2] is 1 once more in sample 0, allowed is each token once",
                () -> drop.forward(x, y, new long[] {0, 1, 1, 0, 1, 2}));
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
