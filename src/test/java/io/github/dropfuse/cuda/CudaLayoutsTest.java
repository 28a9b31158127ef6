package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.kernel.ReferenceKernels;
import io.github.dropfuse.testing.Patterns;
import io.github.dropfuse.testing.StagedKernels;
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
    private static final Effect.Form[] FORMS = {
        Effect.Form.BRANCH, Effect.Form.BIASED_BRANCH, Effect.Form.SCALED_BRANCH
    };

    private final Kernels cuda = new StagedKernels(0);
    private final Kernels reference = ReferenceKernels.INSTANCE;

    /** One case's arguments. */
    private record Case(Range range, Layout layout, double p, MaskSource source) {
        static Case of(SplittableRandom random, Arena arena, int first, int count) {
            boolean stored = random.nextBoolean();
            boolean element = random.nextInt(4) == 0;
            double[] probabilities = {0, 0.1, 0.5, 1 - 0x1p-9, 1};
            int run = element ? 1 : random.nextInt(1, random.nextBoolean() ? 70 : 3000);
            int cycle = element ? 1 : random.nextInt(1, 40);
            int repeat = element ? 1 : random.nextInt(1, 9);
            int step = cycle + (random.nextBoolean() ? 0 : random.nextInt(100));
            long start = stored ? random.nextInt(600) : random.nextLong(1L << 60);
            Layout layout = new Layout(run, cycle, repeat, step, start);
            MaskSource source = new PhiloxState(random.nextLong(), 5);
            if (stored) {
                long blocks = (first + count) / ((long) run * cycle * repeat) + 1;
                long units = start + blocks * step;
                MemorySegment mask = arena.allocate((units + 7) / 8);
                for (long i = 0; i < mask.byteSize(); i++) {
                    mask.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                }
                source = Mask.of(mask, units);
            }
            return new Case(
                    new Range(first, count), layout,
                    probabilities[random.nextInt(probabilities.length)], source);
        }

        int elements() {
            return (int) (range.first() + range.count());
        }
    }

    private static Tensor values(Arena arena, DType dtype, int elements, long seed) {
        Tensor values = Tensor.allocate(arena, dtype, elements);
        Patterns.fill(dtype, values.segment(), seed);
        return values;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void residual(DType dtype) {
        SplittableRandom random = new SplittableRandom(dtype.ordinal());
        for (int i = 0; i < CASES; i++) {
            try (Arena arena = Arena.ofConfined()) {
                Case layout =
                        Case.of(random, arena, random.nextInt(700), random.nextInt(1, 5000));
                Effect.Form use = FORMS[random.nextInt(3)];
                int length = random.nextInt(1, 5) * (random.nextBoolean() ? 1 : 64);
                boolean added = random.nextInt(4) != 0;
                int output = random.nextInt(added ? 3 : 2);
                Tensor wanted =
                        residual(reference, arena, dtype, layout, use, length, added, output);
                Tensor found = residual(cuda, arena, dtype, layout, use, length, added, output);
                Patterns.assertEqual(
                        dtype, wanted.segment(), found.segment(), use + " of " + length + ", " + added + " " + layout);
            }
        }
    }

    /** The output is apart, the branch or the residual. */
    private static Tensor residual(
            Kernels kernels, Arena arena, DType dtype, Case l, Effect.Form use, int length,
            boolean added, int output) {
        int elements = l.elements();
        Tensor x = values(arena, dtype, elements, 1);
        Tensor vector = use == Effect.Form.BRANCH ? null : values(arena, dtype, length, 2);
        Tensor residual = added ? values(arena, dtype, elements, 3) : null;
        Tensor y = output == 0 ? values(arena, dtype, elements, 4) : output == 1 ? x : residual;
        kernels.apply(
                Effect.drop(l.p, 1.25).as(use), l.source, l.layout, x, vector, residual, y,
                l.range);
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
                Case layout = Case.of(random, arena, before * 64 * length, rows * length);
                boolean two = random.nextBoolean();
                int blocks = before + (rows + 63) / 64;
                Tensor wanted = sums(reference, arena, dtype, layout, length, blocks, two);
                Tensor found = sums(cuda, arena, dtype, layout, length, blocks, two);
                String what = rows + " rows of " + length + ", " + two + " " + layout;
                Patterns.assertEqual(
                        dtype.computesIn(), wanted.segment(), found.segment(), what);
                Tensor y = values(arena, dtype, length, 5);
                Tensor wantedY = values(arena, dtype, length, 5);
                cuda.sumTree(found, y);
                reference.sumTree(wanted, wantedY);
                Patterns.assertEqual(dtype, wantedY.segment(), y.segment(), "tree of " + what);
            }
        }
    }

    private static Tensor sums(
            Kernels kernels, Arena arena, DType dtype, Case l, int length, int blocks,
            boolean two) {
        Tensor dy = values(arena, dtype, l.elements(), 1);
        Tensor x = two ? values(arena, dtype, l.elements(), 2) : null;
        Tensor sums =
                values(arena, dtype.computesIn(), blocks * length, 3).reshape(blocks, length);
        kernels.sumRows(Effect.drop(l.p, 1.25), l.source, l.layout, dy, x, sums, l.range);
        return sums;
    }
}
