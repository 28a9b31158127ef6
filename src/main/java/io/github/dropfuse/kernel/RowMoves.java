package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;

/** Moves rows in host memory one by one, each with the kernels' own primitives. */
final class RowMoves {
    private RowMoves() {}

    static void apply(
            Kernels kernels,
            DType dtype,
            RowMove move,
            MemorySegment x,
            MemorySegment y,
            long[] indices,
            long first,
            long count,
            long length,
            double scale) {
        long bytes = length * dtype.byteSize();
        for (long j = first; j < first + count; j++) {
            long dense = j * bytes;
            long place = indices[(int) j] * bytes;
            boolean gathers = move == RowMove.GATHER;
            MemorySegment from = x.asSlice(gathers ? place : dense, bytes);
            MemorySegment to = y.asSlice(gathers ? dense : place, bytes);
            if (move == RowMove.SCATTER_ADD) {
                kernels.residual(
                        dtype, from, VectorUse.NONE, MemorySegment.NULL, 1, to, to, 0, length,
                        length, 1, 1, MemorySegment.NULL, 0, 0, 0, 0, scale);
            } else if (gathers && scale != 1.0) {
                kernels.drop(
                        dtype, from, to, 0, length, length, 1, 1, MemorySegment.NULL, 0, 0, 0, 0,
                        scale);
            } else {
                to.copyFrom(from);
            }
        }
    }
}
