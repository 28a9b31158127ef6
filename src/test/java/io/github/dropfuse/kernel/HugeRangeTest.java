package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.testing.GuardedMemory;
import io.github.dropfuse.testing.Oracle;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ranges around 2^31 and 2^32 elements of a tensor whose other pages are never touched, so that
 * every backend and tier can be asked for them whatever memory there is.
 */
class HugeRangeTest {
    private static final long SIZE = (1L << 32) + 2000;
    private static final long[] CENTRES = {1L << 29, 1L << 30, 1L << 31, 1L << 32};
    private static final int AROUND = 700;

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.kernel.TestKernels#allAndCuda")
    void elementsRowsAndCycles(Kernels kernels) {
        long[][] layouts = {
            {1, 1, 1}, {(1L << 31) + 3, 1, 1}, {1L << 32, 3, 5}, {3, (1L << 31) + 1, 2},
            {1, 7, 1L << 40}
        };
        for (DType dtype : DType.values()) {
            try (GuardedMemory memory = new GuardedMemory(SIZE * dtype.byteSize())) {
                MemorySegment x = memory.last(SIZE * dtype.byteSize());
                for (long[] layout : layouts) {
                    for (long centre : CENTRES) {
                        check(kernels, dtype, x, centre - AROUND, layout);
                    }
                }
            }
        }
    }

    private static void check(
            Kernels kernels, DType dtype, MemorySegment x, long first, long[] layout) {
        long size = dtype.byteSize();
        MemorySegment range = x.asSlice(first * size, 2 * AROUND * size);
        Patterns.fill(dtype, range, first);
        MemorySegment expected = MemorySegment.ofArray(new byte[(int) range.byteSize()]);
        long start = 1L << 50;
        for (long i = 0; i < 2 * AROUND; i++) {
            long e = first + i;
            long unit =
                    start + e / (layout[0] * layout[1] * layout[2]) * layout[1]
                            + e / layout[0] % layout[1];
            long bits = Oracle.keptBits(dtype, Patterns.get(dtype, range, i), 2.0);
            Patterns.set(dtype, expected, i, Oracle.keeps(0.5, 7, 8, unit) ? bits : 0);
        }
        kernels.drop(
                dtype, x, x, first, 2 * AROUND, layout[0], layout[1], layout[2],
                MemorySegment.NULL, 0.5, 7, 8, start, 2.0);
        Patterns.assertEqual(
                dtype, expected, range, TestKernels.name(kernels) + " from element " + first);
    }
}
