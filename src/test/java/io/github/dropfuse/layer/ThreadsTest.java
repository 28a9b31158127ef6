package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads change the time that a call takes and nothing else. */
class ThreadsTest {
    /** Several grains, and no multiple of a tile. */
    private static final int SIZE = (1 << 20) + 4999;

    private static final PhiloxState STATE = new PhiloxState(-5, 1L << 50);
    private static final long START = (1L << 33) + 77;

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void anyNumberOfThreadsGivesTheSameBits(Backend backend) throws InterruptedException {
        Execution execution = Execution.automatic().on(backend);
        float[] values = values();
        float[] expected = new float[SIZE];
        Dropout layer = new Dropout(0.17);
        layer.with(execution.sequential())
                .forward(Tensor.of(values, SIZE), Tensor.of(expected, SIZE), STATE, START);
        Mask mask = layer.with(execution.sequential())
                .mask(Arena.ofAuto(), Tensor.of(values, SIZE), STATE, START);
        for (int threads : new int[] {1, 2, 3, 8}) {
            try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                AtomicInteger tasks = new AtomicInteger();
                Executor counting =
                        task -> {
                            tasks.incrementAndGet();
                            pool.execute(task);
                        };
                Execution split = execution.over(counting, threads);
                float[] y = new float[SIZE];
                layer.with(split)
                        .forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), STATE, START);
                assertSame(expected, y, threads + " helpers");
                assertTrue(tasks.get() > 0, "the call was not split");
                assertMask(mask, layer.with(split), values);
                layer.with(split).forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), mask);
                assertSame(expected, y, threads + " helpers, stored mask");
            }
        }
        float[] y = new float[SIZE];
        layer.with(execution).forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), STATE, START);
        assertSame(expected, y, "common pool");
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void rowsSplitAnywhere(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        for (int rows : new int[] {1, 7, 1000, SIZE / 2}) {
            int run = SIZE / rows;
            float[] values = values();
            Tensor x = Tensor.of(MemorySegment.ofArray(values).asSlice(0, 4L * rows * run),
                    DType.FLOAT32, rows, run);
            float[] expected = new float[rows * run];
            float[] y = new float[rows * run];
            DropPath layer = new DropPath(0.5);
            layer.with(execution.sequential())
                    .forward(x, Tensor.of(expected, rows, run), STATE, START);
            layer.with(execution.over(Thread.ofVirtual()::start, 5))
                    .forward(x, Tensor.of(y, rows, run), STATE, START);
            assertSame(expected, y, rows + " rows");
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void confinedArenasGiveTheSameBits(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        Dropout layer = new Dropout(0.17);
        float[] values = values();
        float[] expected = new float[SIZE];
        layer.with(execution.sequential())
                .forward(Tensor.of(values, SIZE), Tensor.of(expected, SIZE), STATE, START);
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            for (Arena arena : List.of(confined, shared)) {
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
                x.segment().copyFrom(MemorySegment.ofArray(values));
                Tensor y = Tensor.allocate(arena, DType.FLOAT32, SIZE);
                layer.with(execution).forward(x, y, STATE, START);
                assertSame(expected, y, "out of place");
                Mask mask = layer.with(execution).mask(arena, x, STATE, START);
                layer.with(execution).forward(x, y, mask);
                assertSame(expected, y, "stored mask");
                layer.with(execution).forward(x, x, STATE, START);
                assertSame(expected, x, "in place");
            }
        }
    }

    @Test
    void confinedArenasAreSplitOnNativeKernels() {
        for (Backend backend : Backends.all()) {
            AtomicInteger tasks = new AtomicInteger();
            Execution split =
                    Execution.automatic().on(backend)
                            .over(task -> tasks.incrementAndGet(), 3);
            try (Arena arena = Arena.ofConfined()) {
                Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
                new Dropout(0.5).with(split).forward(x, x, STATE);
            }
            assertEquals(backend.name().equals("native") ? 3 : 0, tasks.get(), backend.toString());
        }
    }

    /** Views do not hold the arena, so pieces would use what has been freed. */
    @Test
    void anExecutorThatClosesTheArenaIsRefused() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        Arena arena = Arena.ofConfined();
        Tensor x = Tensor.allocate(arena, DType.FLOAT32, SIZE);
        Execution split = Execution.automatic().over(task -> arena.close(), 1);
        Dropout layer = new Dropout(0.5).with(split);
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> layer.forward(x, x, STATE));
        assertEquals("Already closed", e.getMessage());
    }

    @Test
    void parallelStreamsAndSharedLayersGiveTheSameBits() {
        int calls = 24;
        Dropout layer = new Dropout(0.3);
        float[] values = values();
        float[][] sequential = new float[calls][];
        for (int i = 0; i < calls; i++) {
            sequential[i] = new float[SIZE];
            layer.forward(Tensor.of(values, SIZE), Tensor.of(sequential[i], SIZE),
                    new PhiloxState(3, i));
        }
        IntStream.range(0, calls).parallel().forEach(i -> {
            float[] y = new float[SIZE];
            layer.forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), new PhiloxState(3, i));
            assertSame(sequential[i], y, "call " + i);
        });
    }

    @Test
    void nothingIsSplitInsideOfAForkJoinPool() {
        AtomicInteger tasks = new AtomicInteger();
        Execution split = Execution.automatic().over(task -> tasks.incrementAndGet(), 3);
        Dropout layer = new Dropout(0.5).with(split);
        Tensor x = Tensor.of(values(), SIZE);
        try (ForkJoinPool pool = new ForkJoinPool(1)) {
            pool.submit(() -> layer.forward(x, x, STATE)).join();
        }
        assertEquals(0, tasks.get());
        layer.forward(x, x, STATE);
        assertEquals(3, tasks.get());
    }

    /** A decision of its own for each element takes longer than one that is stored or shared. */
    @Test
    void callsWithoutADrawForEachElementAreSplitFromALargerSizeOn() {
        AtomicInteger tasks = new AtomicInteger();
        Execution split = Execution.automatic().over(task -> tasks.incrementAndGet(), 3);
        Dropout layer = new Dropout(0.5).with(split);
        DropPath path = new DropPath(0.5).with(split);
        Dropout shared =
                new Dropout(0.5, Scaling.IN_TRAINING, Units.noiseShape(1, -1)).with(split);
        int few = 1 << 18;
        int many = 1 << 20;
        for (int size : new int[] {few - 1, few, many - 1, many}) {
            Tensor x = Tensor.of(new float[size], size);
            int rows = size % 2 == 0 ? 1 << 9 : 3;
            Tensor matrix = Tensor.of(new float[size], rows, size / rows);
            Mask mask = Mask.allocate(Arena.ofAuto(), size);
            List<Runnable> light =
                    List.of(
                            () -> layer.forward(x, x, mask),
                            () -> path.forward(matrix, matrix, STATE),
                            () -> shared.forward(matrix, matrix, STATE));
            for (Runnable call : light) {
                tasks.set(0);
                call.run();
                assertEquals(size >= many, tasks.get() > 0, "size " + size);
            }
            tasks.set(0);
            layer.forward(x, x, STATE);
            assertEquals(size >= few, tasks.get() > 0, "size " + size);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backends")
    void aLargeCopyIsSplit(Backend backend) {
        AtomicInteger tasks = new AtomicInteger();
        Executor counting =
                task -> {
                    tasks.incrementAndGet();
                    Thread.startVirtualThread(task);
                };
        Dropout layer = new Dropout(0.5).with(Execution.automatic().on(backend).over(counting, 1));
        float[] values = values();
        for (int size : new int[] {SIZE, 1000}) {
            tasks.set(0);
            float[] y = new float[SIZE];
            layer.infer(Tensor.of(Arrays.copyOf(values, size), size / 5, 5),
                    Tensor.of(MemorySegment.ofArray(y).asSlice(0, 4L * size), DType.FLOAT32,
                            size / 5, 5));
            float[] expected = Arrays.copyOf(Arrays.copyOf(values, size), SIZE);
            assertSame(expected, y, size + " elements");
            assertEquals(size == SIZE ? 1 : 0, tasks.get());
        }
    }

    @Test
    void anExecutorThatRejectsOrNeverRunsCostsOnlyItsHelp() {
        Dropout layer = new Dropout(0.17);
        float[] values = values();
        float[] expected = new float[SIZE];
        layer.with(Execution.automatic().sequential())
                .forward(Tensor.of(values, SIZE), Tensor.of(expected, SIZE), STATE);
        Executor rejecting =
                task -> {
                    throw new RejectedExecutionException("full");
                };
        Executor idle = task -> {};
        for (Executor executor : List.of(rejecting, idle, (Executor) Runnable::run)) {
            float[] y = new float[SIZE];
            layer.with(Execution.automatic().over(executor, 4))
                    .forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), STATE);
            assertSame(expected, y, "executor");
        }
    }

    @Test
    void anInterruptedCallerGetsItsResultAndStaysInterrupted() {
        float[] values = values();
        float[] y = new float[SIZE];
        float[] expected = new float[SIZE];
        Execution split = Execution.automatic().over(Thread::startVirtualThread, 2);
        Dropout layer = new Dropout(0.17).with(split);
        layer.forward(Tensor.of(values, SIZE), Tensor.of(expected, SIZE), STATE);
        Thread.currentThread().interrupt();
        layer.forward(Tensor.of(values, SIZE), Tensor.of(y, SIZE), STATE);
        assertTrue(Thread.interrupted());
        assertFalse(Thread.interrupted());
        assertSame(expected, y, "interrupted");
    }

    private static float[] values() {
        float[] values = new float[SIZE];
        Patterns.fill(DType.FLOAT32, MemorySegment.ofArray(values), 6);
        return values;
    }

    private static void assertMask(Mask expected, Dropout layer, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = layer.mask(arena, Tensor.of(values, SIZE), STATE, START);
            assertEquals(-1, expected.segment().mismatch(mask.segment()));
        }
    }

    private static void assertSame(float[] expected, Tensor actual, String what) {
        Patterns.assertEqual(
                DType.FLOAT32, MemorySegment.ofArray(expected), actual.segment(), what);
    }

    private static void assertSame(float[] expected, float[] actual, String what) {
        assertSame(expected, Tensor.of(actual, actual.length), what);
    }
}
