package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stochastic depth that skips the work, and the choice of a fixed number of units. */
class KeptSamplesTest {
    private static final PhiloxState STATE = new PhiloxState(-5, 1L << 40);

    @Test
    void keepsWhatTheContractKeeps() {
        for (double p : new double[] {0, 0.1, 0.5, 0.9, 1}) {
            for (long start : new long[] {0, 513, (1L << 33) + 3}) {
                long[] expected =
                        IntStream.range(0, 700)
                                .filter(j -> Oracle.keeps(p, -5, 1L << 40, start + j))
                                .asLongStream()
                                .toArray();
                KeptSamples kept = KeptSamples.drawn(new DropPath(p), 700, STATE, start);
                assertArrayEquals(expected, kept.indices());
                assertEquals(700, kept.batch());
                assertEquals(new DropPath(p).trainingScale(), kept.scale());
                try (Arena arena = Arena.ofConfined()) {
                    Mask mask = Mask.allocate(arena, 703);
                    for (long j : expected) {
                        mask.set(j + 3, true);
                    }
                    assertArrayEquals(
                            expected, KeptSamples.drawn(new DropPath(p), 700, mask, 3).indices());
                }
            }
        }
    }

    @Test
    void dropsABatchAsOne() {
        DropPath path = new DropPath(0.5, DropPath.Mode.BATCH, Scaling.NONE);
        int whole = 0;
        for (int call = 0; call < 100; call++) {
            KeptSamples kept = KeptSamples.drawn(path, 7, new PhiloxState(1, call));
            assertTrue(kept.count() == 0 || kept.count() == 7);
            assertEquals(Oracle.keeps(0.5, 1, call, 0), kept.count() == 7);
            assertEquals(1.0, kept.scale());
            whole += kept.count() / 7;
        }
        assertTrue(whole > 30 && whole < 70);
        assertEquals(0, KeptSamples.drawn(path, 0, STATE).count());
    }

    @Test
    void keepsAFixedNumberWithTheSmallestDraws() {
        for (double p : new double[] {0, 0.1, 0.37, 0.5, 0.9, 0.99, 1}) {
            for (int batch : new int[] {0, 1, 2, 5, 20, 21, 1000}) {
                KeptSamples kept = KeptSamples.fixed(new DropPath(p), batch, STATE);
                int k = (int) Math.rint(batch * (1 - p));
                k = p < 1 && batch > 0 ? Math.max(1, k) : k;
                long[] expected =
                        IntStream.range(0, batch)
                                .boxed()
                                .sorted(
                                        (a, b) ->
                                                Long.compare(
                                                        Oracle.secondDraw(-5, 1L << 40, a),
                                                        Oracle.secondDraw(-5, 1L << 40, b)))
                                .limit(k)
                                .mapToLong(Integer::longValue)
                                .sorted()
                                .toArray();
                assertArrayEquals(expected, kept.indices(), batch + " at p = " + p);
                assertEquals(k == 0 ? 1.0 : (double) batch / k, kept.scale());
            }
        }
        assertEquals(2, KeptSamples.fixed(new DropPath(0.9), 20, STATE).count());
        DropPath plain = new DropPath(0.5, DropPath.Mode.ROW, Scaling.NONE);
        assertEquals(1.0, KeptSamples.fixed(plain, 20, STATE).scale());
    }

    @Test
    void choosesAFewOfVeryManyInLittleMemory() {
        int batch = 1 << 20;
        DropPath path = new DropPath(1 - 0x1p-20);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        KeptSamples kept = KeptSamples.fixed(path, batch, STATE);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(1, kept.count());
        assertTrue(allocated < batch, "bytes allocated: " + allocated);
    }

    /** Each sample is chosen equally often. */
    @Test
    void choosesFairly() {
        int[] chosen = new int[20];
        int calls = 20_000;
        for (int call = 0; call < calls; call++) {
            long[] indices =
                    KeptSamples.fixed(new DropPath(0.7), 20, new PhiloxState(9, call)).indices();
            assertEquals(6, indices.length);
            for (long index : indices) {
                chosen[(int) index]++;
            }
        }
        double sum = 0;
        for (int count : chosen) {
            assertTrue(Statistics.twoSided(calls, count, 0.3) > 1e-4, "chosen " + count);
            sum += count;
        }
        assertEquals(6.0 * calls, sum);
    }

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void movesRows(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            for (long length : new long[] {1, 3, 17, 64, 129, 1000}) {
                KeptSamples kept =
                        KeptSamples.of(9, 0.73, 7, 0, 3, 8).with(Execution.automatic().on(backend));
                Tensor x = Samples.any(arena, dtype, length, 9, length);
                Tensor rows = Samples.empty(arena, dtype, 4, length);
                kept.gather(x, rows);
                Tensor scaled = Samples.empty(arena, dtype, 4, length);
                kept.scatterAddBackward(x, scaled);
                Tensor branch = Samples.any(arena, dtype, 100 + length, 4, length);
                Tensor sum = Samples.copy(arena, x);
                kept.scatterAdd(branch, sum);
                Tensor gradient = Samples.copy(arena, x);
                kept.gatherBackward(branch, gradient);
                Tensor expectedRows = Samples.empty(arena, dtype, 4, length);
                Tensor expectedScaled = Samples.empty(arena, dtype, 4, length);
                Tensor expectedSum = Samples.copy(arena, x);
                Tensor expectedGradient = Samples.copy(arena, x);
                for (int j = 0; j < 4; j++) {
                    for (long e = 0; e < length; e++) {
                        long at = kept.indices()[j] * length + e;
                        double v = x.get(at);
                        double b = branch.get(j * length + e);
                        expectedRows.set(j * length + e, v);
                        expectedScaled.set(j * length + e, product(dtype, v, 0.73));
                        expectedSum.set(at, sum(dtype, v, product(dtype, b, 0.73)));
                        expectedGradient.set(at, sum(dtype, v, b));
                    }
                }
                Samples.same("gather", expectedRows, rows);
                Samples.same("scatter-add backward", expectedScaled, scaled);
                Samples.same("scatter-add", expectedSum, sum);
                Samples.same("gather backward", expectedGradient, gradient);
            }
        }
    }

    private static double product(DType dtype, double a, double b) {
        return dtype == DType.FLOAT64 ? a * b : (float) a * (float) b;
    }

    private static double sum(DType dtype, double a, double b) {
        return dtype == DType.FLOAT64 ? a + b : (float) a + (float) b;
    }

    /** The same bits as the layer that computes the branch for every sample. */
    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void equalsDropPathAdd(Backend backend, DType dtype) {
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            Execution on = Execution.automatic().on(backend);
            for (Execution execution : new Execution[] {on.sequential(), on.over(executor, 3)}) {
                DropPath path = new DropPath(0.37).with(execution);
                Tensor x = Samples.plain(arena, dtype, 1, 48, 257, 96);
                Tensor branch = Samples.plain(arena, dtype, 2, x.shape());
                Tensor whole = Samples.copy(arena, x);
                new DropPathAdd(path).forward(branch, null, whole, whole, STATE);
                KeptSamples kept = KeptSamples.drawn(path, 48, STATE);
                Tensor rows = Samples.empty(arena, dtype, kept.count(), 257, 96);
                kept.gather(branch, rows);
                Tensor skipped = Samples.copy(arena, x);
                kept.scatterAdd(rows, skipped);
                Samples.same("forward", whole, skipped);
            }
        }
    }

    /** Two samples with the same draw, of which one is kept: the first. */
    @Test
    void tiesAreDecidedByTheIndex() {
        int batch = 100_000;
        for (long seed = 0; ; seed++) {
            long[] drawn = new long[batch];
            for (int j = 0; j < batch; j++) {
                drawn[j] = Oracle.secondDraw(seed, 0, j) << 17 | j;
            }
            Arrays.sort(drawn);
            for (int j = 1; j < batch; j++) {
                if (drawn[j] >>> 17 == drawn[j - 1] >>> 17) {
                    long[] expected =
                            Arrays.stream(drawn, 0, j).map(d -> d & 0x1FFFF).sorted().toArray();
                    DropPath path = new DropPath(1 - (double) j / batch);
                    KeptSamples kept = KeptSamples.fixed(path, batch, new PhiloxState(seed, 0));
                    assertArrayEquals(expected, kept.indices());
                    assertEquals(
                            "KeptSamples[" + j + " of 100000, scale=" + (double) batch / j + "]",
                            kept.toString());
                    return;
                }
            }
        }
    }

    /** A stored mask that is as long as needed, and a start that is as far on as can be. */
    @Test
    void masksOfJustEnoughUnits() {
        DropPath path = new DropPath(0.5);
        Mask mask = Mask.allocate(Arena.ofAuto(), 10);
        mask.set(2, true);
        mask.set(9, true);
        assertArrayEquals(new long[] {2, 9}, KeptSamples.drawn(path, 10, mask).indices());
        assertArrayEquals(new long[] {0, 7}, KeptSamples.drawn(path, 8, mask, 2).indices());
        refuses(
                "start is -1, for 8 samples of a mask of 10 allowed are 0 to 2",
                () -> KeptSamples.drawn(path, 8, mask, -1));
        refuses(
                "mask has 10 units, needed are at least 11",
                () -> KeptSamples.drawn(path, 11, mask));
    }

    /** No rows overlap nothing, wherever they are. */
    @Test
    void noRowsWithinAllSamples() {
        Tensor all = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, 4, 3);
        KeptSamples none = KeptSamples.of(4, 1);
        none.gather(all, all.slice(2, 2));
        none.scatterAdd(all.slice(2, 2), all);
        assertEquals(0, none.count());
    }

    @Test
    void refusesBadIndicesAndShapes() {
        refuses("indices[1] is 4, allowed are 0 to 3", () -> KeptSamples.of(4, 1, 0, 4));
        refuses("indices[0] is -1, allowed are 0 to 3", () -> KeptSamples.of(4, 1, -1));
        refuses(
                "indices[2] is 3 once more, allowed is each sample once",
                () -> KeptSamples.of(4, 1, 3, 1, 3));
        refuses("batch is -1, allowed are 0 to 2^31 - 1", () -> KeptSamples.of(-1, 1));
        refuses(
                "batch is -2, allowed are 0 to 2^31 - 1",
                () -> KeptSamples.fixed(new DropPath(0.5), -2, STATE));
        refuses(
                "start is 1, for 8 samples of a mask of 8 allowed are 0 to 0",
                () ->
                        KeptSamples.drawn(
                                new DropPath(0.5), 8, Mask.allocate(Arena.ofAuto(), 8), 1));
        KeptSamples kept = KeptSamples.of(4, 1, 0, 2);
        Tensor all = Tensor.of(new float[12], 4, 3);
        Tensor rows = Tensor.of(new float[6], 2, 3);
        refuses(
                "x has shape [2, 3], its first extent has to be the batch's 4",
                () -> kept.gather(rows, rows));
        refuses(
                "rows has shape [4, 3], allowed is [2, 3]", () -> kept.gather(all, all));
        refuses(
                "branch is float64, allowed is residual's float32",
                () -> kept.scatterAdd(Tensor.of(new double[6], 2, 3), all));
        refuses(
                "branch overlaps residual; allowed is memory apart",
                () -> kept.scatterAdd(all.slice(1, 3), all));
        Tensor readOnly =
                Tensor.of(all.segment().asReadOnly(), DType.FLOAT32, 4, 3);
        refuses(
                "residual is read-only, it has to be writable",
                () -> kept.scatterAdd(rows, readOnly));
        assertTrue(Arrays.equals(new float[12], (float[]) all.segment().heapBase().orElseThrow()));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
