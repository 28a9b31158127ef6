package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad arguments: which exception, which words, and that nothing was written. */
class BadInputTest {
    private static final String BACKENDS = "io.github.dropfuse.layer.Combinations#backends";
    private static final PhiloxState STATE = new PhiloxState(1, 2);
    private static final byte UNTOUCHED = 0x6B;

    /** Large enough for a call to be split. */
    private static final int LARGE = 1 << 20;

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, -0x1p-1074, 1.0000000000000002, Double.NaN,
        Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void probabilitiesOutsideOfZeroToOne(double p) {
        String message = "p is " + p + ", allowed are 0 to 1";
        refuses(message, () -> new Dropout(p));
        refuses(message, () -> new Dropout(p, Scaling.AT_INFERENCE));
        refuses(message, () -> new DropPath(p));
        refuses(message, () -> new DropPath(p, DropPath.Mode.BATCH, Scaling.NONE));
        Mask mask = Mask.of(untouched(3), 24);
        refuses(message, () -> Masks.draw(mask, p, STATE, 0));
        assertUntouched(mask.segment());
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void unequalTypes(Backend backend) {
        Tensor y = Tensor.of(untouched(16), DType.BFLOAT16, 8);
        refusesAll(
                backend, Tensor.of(new short[8], DType.FLOAT16, 8), y,
                "%2$s is bfloat16, allowed is %1$s's float16");
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void unequalShapes(Backend backend) {
        Tensor x = Tensor.of(new float[8], 2, 4);
        refusesAll(
                backend, x, Tensor.of(untouched(32), DType.FLOAT32, 8),
                "%2$s has shape [8], allowed is %1$s's [2, 4]");
        refusesAll(
                backend, x, Tensor.of(untouched(12), DType.FLOAT32, 3),
                "%2$s has shape [3], allowed is %1$s's [2, 4]");
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void readOnlyOutputs(Backend backend) {
        Tensor x = Tensor.of(new float[4], 4);
        Tensor y = Tensor.of(untouched(16).asReadOnly(), DType.FLOAT32, 4);
        refusesAll(backend, x, y, "%2$s is read-only, it has to be writable");
        refusesAll(backend, y, y, "%2$s is read-only, it has to be writable");
        Mask mask = Mask.of(untouched(2).asReadOnly(), 16);
        refuses(
                "mask is read-only, it has to be writable",
                () -> Masks.draw(mask, 0.5, STATE, 0, Execution.automatic().on(backend)));
        assertUntouched(mask.segment());
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void partialOverlap(Backend backend) {
        String message = "%2$s overlaps %1$s in part; allowed are the same memory and memory apart";
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(400);
            for (MemorySegment segment : List.of(memory, MemorySegment.ofArray(new byte[400]))) {
                for (int distance : new int[] {1, 4, 96, 99}) {
                    segment.fill(UNTOUCHED);
                    Tensor first = Tensor.of(segment.asSlice(0, 100), DType.FLOAT32, 25);
                    Tensor second = Tensor.of(segment.asSlice(distance, 100), DType.FLOAT32, 25);
                    refusesAll(backend, first, second, message);
                    refusesAll(backend, second, first, message);
                    assertUntouched(segment);
                }
                Tensor first = Tensor.of(segment.asSlice(0, 100), DType.FLOAT32, 25);
                Tensor apart = Tensor.of(segment.asSlice(100, 100), DType.FLOAT32, 25);
                Tensor same = Tensor.of(segment.asSlice(0, 100), DType.FLOAT32, 25);
                Dropout layer = new Dropout(0.5).with(Execution.automatic().on(backend));
                layer.forward(first, apart, STATE);
                layer.forward(apart, first, STATE);
                layer.forward(first, same, STATE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void masksThatOverlapTheOutput(Backend backend) {
        Dropout layer = new Dropout(0.5).with(Execution.automatic().on(backend));
        for (MemorySegment segment : List.of(untouched(64), untouchedNative(64))) {
            Tensor y = Tensor.of(segment.asSlice(0, 32), DType.FLOAT32, 8);
            Mask mask = Mask.of(segment.asSlice(31, 1), 8);
            refuses(
                    "mask overlaps y; allowed is memory apart",
                    () -> layer.forward(Tensor.of(new float[8], 8), y, mask));
            refuses(
                    "mask overlaps dx; allowed is memory apart",
                    () -> layer.backward(Tensor.of(new float[8], 8), y, mask));
            assertUntouched(segment);
            layer.forward(y, y, Mask.of(segment.asSlice(32, 1), 8));
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void unitsPastTheLastIndex(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        Tensor x = Tensor.of(new float[8], 8, 1);
        Tensor y = Tensor.of(untouched(32), DType.FLOAT32, 8, 1);
        for (Layer layer :
                List.of(new Dropout(0.5).with(execution), new DropPath(0.5).with(execution))) {
            String message =
                    "start is 18446744073709551609, with 8 units allowed are 0 to"
                            + " 18446744073709551608";
            refuses(message, () -> layer.forward(x, y, STATE, -7));
            refuses(message, () -> layer.backward(x, y, STATE, -7));
            refuses(message, () -> layer.mask(Arena.ofAuto(), x, STATE, -7));
            assertUntouched(y.segment());
            layer.forward(x, x, STATE, -8);
        }
        Mask mask = Mask.of(untouched(2), 9);
        refuses(
                "start is 18446744073709551608, with 9 units allowed are 0 to"
                        + " 18446744073709551607",
                () -> Masks.draw(mask, 0.5, STATE, -8, execution));
        assertUntouched(mask.segment());
        Masks.draw(mask, 0.5, STATE, -9, execution);
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void masksOfTooFewUnits(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        Tensor x = Tensor.of(new float[40], 10, 4);
        Tensor y = Tensor.of(untouched(160), DType.FLOAT32, 10, 4);
        DropPath layer = new DropPath(0.5).with(execution);
        Mask nine = Mask.allocate(Arena.ofAuto(), 9);
        refuses("mask has 9 units, needed are at least 10", () -> layer.forward(x, y, nine));
        Mask twelve = Mask.allocate(Arena.ofAuto(), 12);
        String message = "start is %d, for 10 units of a mask of 12 allowed are 0 to 2";
        for (long start : new long[] {3, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            refuses(message.formatted(start), () -> layer.forward(x, y, twelve, start));
            refuses(message.formatted(start), () -> layer.backward(x, y, twelve, start));
        }
        assertUntouched(y.segment());
        layer.forward(x, y, twelve, 2);
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void tensorsWithoutABatch(Backend backend) {
        DropPath layer = new DropPath(0.5).with(Execution.automatic().on(backend));
        Tensor y = Tensor.of(untouched(4), DType.FLOAT32);
        String message = "%s has rank 0, allowed are 1 and more: the first dimension is the batch";
        refuses(message.formatted("x"), () -> layer.forward(Tensor.of(new float[1]), y, STATE));
        refuses(message.formatted("dy"), () -> layer.backward(Tensor.of(new float[1]), y, STATE));
        refuses(message.formatted("x"), () -> layer.units(y));
        assertUntouched(y.segment());
        new Dropout(0.5).with(Execution.automatic().on(backend)).forward(y, y, STATE);
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void closedArenas(Backend backend) {
        for (int size : new int[] {16, LARGE}) {
            for (Arena arena : List.of(Arena.ofConfined(), Arena.ofShared())) {
                closedArena(arena, size, new Dropout(0.5).with(Execution.automatic().on(backend)));
            }
        }
    }

    private static void closedArena(Arena arena, int size, Dropout layer) {
        Tensor open = Tensor.of(untouched(size * 4L), DType.FLOAT32, size);
        Tensor closed = Tensor.allocate(arena, DType.FLOAT32, size);
        Mask mask = Mask.allocate(arena, size);
        arena.close();
        for (Executable call :
                List.<Executable>of(
                        () -> layer.forward(closed, open, STATE),
                        () -> layer.forward(open, closed, STATE),
                        () -> layer.forward(closed, closed, STATE),
                        () -> layer.forward(open, open, mask),
                        () -> layer.infer(closed, open),
                        () -> Masks.draw(mask, 0.5, STATE, 0, layer.execution()))) {
            var e = assertThrows(IllegalStateException.class, call);
            assertEquals("Already closed", e.getMessage());
        }
        assertUntouched(open.segment());
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void anotherThreadsConfinedArena(Backend backend) {
        Dropout layer = new Dropout(0.5).with(Execution.automatic().on(backend));
        for (int size : new int[] {16, LARGE}) {
            try (Arena arena = Arena.ofConfined()) {
                Tensor foreign = Tensor.allocate(arena, DType.FLOAT32, size);
                foreign.segment().fill(UNTOUCHED);
                Mask mask = Mask.allocate(arena, size);
                mask.segment().fill(UNTOUCHED);
                Tensor own = Tensor.of(untouched(size * 4L), DType.FLOAT32, size);
                for (Runnable call :
                        List.<Runnable>of(
                                () -> layer.forward(foreign, own, STATE),
                                () -> layer.forward(own, foreign, STATE),
                                () -> layer.forward(foreign, foreign, STATE),
                                () -> layer.forward(own, own, mask),
                                () -> layer.infer(foreign, own),
                                () -> Masks.draw(mask, 0.5, STATE, 0, layer.execution()))) {
                    var e =
                            assertThrows(
                                    CompletionException.class,
                                    () -> CompletableFuture.runAsync(call).join());
                    assertEquals(WrongThreadException.class, e.getCause().getClass());
                }
                assertUntouched(foreign.segment());
                assertUntouched(mask.segment());
                assertUntouched(own.segment());
            }
        }
    }

    @Test
    void arenasThatGiveNoMemory() {
        Arena arena =
                new Arena() {
                    @Override
                    public MemorySegment allocate(long bytes, long alignment) {
                        return null;
                    }

                    @Override
                    public MemorySegment.Scope scope() {
                        return Arena.global().scope();
                    }

                    @Override
                    public void close() {}
                };
        Tensor x = Tensor.of(new float[3], 3);
        List<Executable> calls =
                List.of(
                        () -> Tensor.allocate(arena, DType.FLOAT32, 3),
                        () -> Mask.allocate(arena, 3),
                        () -> Mask.ofBytes(arena, MemorySegment.ofArray(new byte[3])),
                        () -> new Dropout(0.5).mask(arena, x, STATE));
        for (Executable call : calls) {
            NullPointerException e = assertThrows(NullPointerException.class, call);
            assertEquals("the arena's memory", e.getMessage());
        }
    }

    @Test
    void negativeHelpers() {
        refuses(
                "helpers is -1, allowed are 0 to 2^31 - 1",
                () -> Execution.automatic().over(Runnable::run, -1));
    }

    /** Forward by a state and by a mask, backward and inference. */
    private static void refusesAll(Backend backend, Tensor x, Tensor y, String message) {
        byte[] before = y.segment().toArray(ValueLayout.JAVA_BYTE);
        Execution execution = Execution.automatic().on(backend);
        String forward = message.formatted("x", "y");
        String backward = message.formatted("dy", "dx");
        Mask mask = Mask.allocate(Arena.ofAuto(), 1000);
        for (Layer layer :
                List.of(new Dropout(0.5).with(execution), new DropPath(0.5).with(execution))) {
            for (MaskSource source : List.of(STATE, mask)) {
                refuses(forward, () -> layer.forward(x, y, source));
                refuses(backward, () -> layer.backward(x, y, source));
            }
            refuses(forward, () -> layer.infer(x, y));
        }
        assertEquals(-1, MemorySegment.ofArray(before).mismatch(y.segment()));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static MemorySegment untouched(long bytes) {
        return MemorySegment.ofArray(new byte[(int) bytes]).fill(UNTOUCHED);
    }

    private static MemorySegment untouchedNative(long bytes) {
        return Arena.ofAuto().allocate(bytes).fill(UNTOUCHED);
    }

    private static void assertUntouched(MemorySegment segment) {
        Patterns.assertFilled(segment, UNTOUCHED, "output");
    }
}
