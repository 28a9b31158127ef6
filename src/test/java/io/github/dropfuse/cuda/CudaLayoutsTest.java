package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.kernel.CudaKernels;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.ReferenceKernels;
import io.github.dropfuse.kernel.StagedCudaKernels;
import io.github.dropfuse.kernel.VectorUse;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Residual forms and sums by any runs, cycles and repeats, of any range, from host memory. */
@CudaTest
class CudaLayoutsTest {
    private static final int CASES = 150;

    private final Kernels cuda = new StagedCudaKernels(CudaKernels.of(0));
    private final Kernels reference = ReferenceKernels.INSTANCE;

    /** One case's arguments. */
    private record Layout(
            int first, int count, int run, int cycle, int repeat, double p, long seed, long start,
            MemorySegment mask) {
        static Layout of(SplittableRandom random, Arena arena, int first, int count) {
            boolean stored = random.nextBoolean();
            MemorySegment mask = MemorySegment.NULL;
            if (stored) {
                mask = arena.allocate((600 + first + count) / 8 + 1);
                for (long i = 0; i < mask.byteSize(); i++) {
                    mask.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                }
            }
            boolean element = random.nextInt(4) == 0;
            double[] probabilities = {0, 0.1, 0.5, 1 - 0x1p-9, 1};
            return new Layout(
                    first, count, element ? 1 : random.nextInt(1, random.nextBoolean() ? 70 : 3000),
                    element ? 1 : random.nextInt(1, 40), element ? 1 : random.nextInt(1, 9),
                    probabilities[random.nextInt(probabilities.length)], random.nextLong(),
                    stored ? random.nextInt(600) : random.nextLong(1L << 60), mask);
        }
    }

    private static MemorySegment values(Arena arena, DType dtype, int elements, long seed) {
        MemorySegment values = arena.allocate((long) elements * dtype.byteSize());
        Patterns.fill(dtype, values, seed);
        return values;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void residual(DType dtype) {
        SplittableRandom random = new SplittableRandom(dtype.ordinal());
        for (int i = 0; i < CASES; i++) {
            try (Arena arena = Arena.ofConfined()) {
                Layout layout =
                        Layout.of(random, arena, random.nextInt(700), random.nextInt(1, 5000));
                VectorUse use = VectorUse.values()[random.nextInt(3)];
                int length = random.nextInt(1, 5) * (random.nextBoolean() ? 1 : 64);
                boolean added = random.nextInt(4) != 0;
                int output = random.nextInt(added ? 3 : 2);
                MemorySegment wanted =
                        residual(reference, arena, dtype, layout, use, length, added, output);
                MemorySegment found =
                        residual(cuda, arena, dtype, layout, use, length, added, output);
                Patterns.assertEqual(
                        dtype, wanted, found, use + " of " + length + ", " + added + " " + layout);
            }
        }
    }

    /** The output is apart, the branch or the residual. */
    private static MemorySegment residual(
            Kernels kernels, Arena arena, DType dtype, Layout l, VectorUse use, int length,
            boolean added, int output) {
        int elements = l.first + l.count;
        MemorySegment x = values(arena, dtype, elements, 1);
        MemorySegment vector =
                use == VectorUse.NONE ? MemorySegment.NULL : values(arena, dtype, length, 2);
        MemorySegment residual = added ? values(arena, dtype, elements, 3) : MemorySegment.NULL;
        MemorySegment y =
                output == 0 ? values(arena, dtype, elements, 4) : output == 1 ? x : residual;
        kernels.residual(
                dtype, x, use, vector, length, residual, y, l.first, l.count, l.run, l.cycle,
                l.repeat, l.mask, l.p, l.seed, 5, l.start, 1.25);
        return y;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void sums(DType dtype) {
        SplittableRandom random = new SplittableRandom(dtype.ordinal());
        for (int i = 0; i < CASES; i++) {
            try (Arena arena = Arena.ofConfined()) {
                int length = random.nextBoolean() ? random.nextInt(1, 40) : 16 * random.nextInt(1, 20);
                int before = random.nextInt(2);
                int rows = random.nextInt(1, 5000 / length + 2);
                Layout layout = Layout.of(random, arena, before * 64 * length, rows * length);
                boolean two = random.nextBoolean();
                int blocks = before + (rows + 63) / 64;
                MemorySegment wanted = sums(reference, arena, dtype, layout, length, blocks, two);
                MemorySegment found = sums(cuda, arena, dtype, layout, length, blocks, two);
                String what = rows + " rows of " + length + ", " + two + " " + layout;
                Patterns.assertEqual(dtype.computesIn(), wanted, found, what);
                MemorySegment y = values(arena, dtype, length, 5);
                MemorySegment wantedY = values(arena, dtype, length, 5);
                cuda.sumTree(dtype, wanted, blocks, length, y);
                reference.sumTree(dtype, wanted, blocks, length, wantedY);
                Patterns.assertEqual(dtype, wantedY, y, "tree of " + what);
            }
        }
    }

    private static MemorySegment sums(
            Kernels kernels, Arena arena, DType dtype, Layout l, int length, int blocks,
            boolean two) {
        int elements = l.first + l.count;
        MemorySegment dy = values(arena, dtype, elements, 1);
        MemorySegment x = two ? values(arena, dtype, elements, 2) : MemorySegment.NULL;
        MemorySegment sums = values(arena, dtype.computesIn(), blocks * length, 3);
        kernels.sumRows(
                dtype, dy, x, sums, l.first, l.count, length, l.run, l.cycle, l.repeat, l.mask, l.p,
                l.seed, 5, l.start, 1.25);
        return sums;
    }
}
