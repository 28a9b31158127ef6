package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import io.github.dropfuse.kernel.VectorUse;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Moves rows of checked tensors between their places in a tensor and a dense one. */
final class Rows {
    /** The smallest piece worth a thread, in elements. */
    private static final long GRAIN = 1 << 17;

    private final Execution execution;
    private final long[] indices;
    private final long rowElements;

    /** Rows of so many elements, at the given places. */
    Rows(Execution execution, long[] indices, long rowElements) {
        this.execution = execution;
        this.indices = indices;
        this.rowElements = rowElements;
    }

    /** Checks a tensor and one of some of its rows, of which one is written to. */
    static void check(
            String allName, Tensor all, String someName, Tensor some, long[] shape, Tensor out) {
        if (!Arrays.equals(shape, some.shape())) {
            throw new IllegalArgumentException(
                    someName + " has shape " + Arrays.toString(some.shape()) + ", allowed is "
                            + Arrays.toString(shape));
        }
        if (all.dtype() != some.dtype()) {
            throw new IllegalArgumentException(
                    someName + " is " + some.dtype() + ", allowed is " + allName + "'s "
                            + all.dtype());
        }
        Checks.accessible(all.address());
        Checks.accessible(some.address());
        Checks.writable(out == all ? allName : someName, out.address());
        Checks.apart(someName, some, allName, all);
        host(allName, all);
        host(someName, some);
    }

    private static void host(String name, Tensor tensor) {
        if (!tensor.location().isHost()) {
            throw new UnsupportedOperationException(
                    name + " is in " + tensor.location()
                            + ", rows can be moved in host memory only");
        }
    }

    @FunctionalInterface
    private interface Row {
        /** Moves one row. */
        void move(Kernels kernels, MemorySegment from, MemorySegment to);
    }

    /** Row j of the output is row {@code indices[j]} of the input, times the scale. */
    void gather(Tensor x, Tensor y, double scale) {
        DType dtype = x.dtype();
        each(
                x,
                y,
                true,
                (kernels, from, to) -> {
                    if (scale == 1.0) {
                        to.copyFrom(from);
                    } else {
                        kernels.drop(
                                dtype, from, to, 0, rowElements, rowElements, 1, 1,
                                MemorySegment.NULL, 0, 0, 0, 0, scale);
                    }
                });
    }

    /** Adds row j of the input, times the scale, to row {@code indices[j]} of the output. */
    void scatterAdd(Tensor x, Tensor y, double scale) {
        DType dtype = x.dtype();
        each(
                x,
                y,
                false,
                (kernels, from, to) ->
                        kernels.residual(
                                dtype, from, VectorUse.NONE, MemorySegment.NULL, 1, to, to, 0,
                                rowElements, rowElements, 1, 1, MemorySegment.NULL, 0, 0, 0, 0,
                                scale));
    }

    /** Row {@code indices[j]} of the output is row j of the input. */
    void scatter(Tensor x, Tensor y) {
        each(x, y, false, (kernels, from, to) -> to.copyFrom(from));
    }

    private void each(Tensor x, Tensor y, boolean gathers, Row row) {
        if (rowElements == 0 || indices.length == 0) {
            return;
        }
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        Splitter splitter = here.splitter();
        long bytes = rowElements * x.dtype().byteSize();
        long grain = Math.max(1, GRAIN / rowElements);
        if (splitter.splits(indices.length, grain)) {
            MemorySegment from = Pieces.shareable(kernels, x.address());
            MemorySegment to = Pieces.shareable(kernels, y.address());
            if (from != null && to != null) {
                splitter.run(
                        indices.length,
                        1,
                        grain,
                        (first, count) -> some(kernels, from, to, gathers, bytes, row, first, count));
                return;
            }
        }
        some(kernels, x.address(), y.address(), gathers, bytes, row, 0, indices.length);
    }

    private void some(
            Kernels kernels,
            MemorySegment x,
            MemorySegment y,
            boolean gathers,
            long bytes,
            Row row,
            long first,
            long count) {
        for (long j = first; j < first + count; j++) {
            long place = indices[(int) j];
            MemorySegment from = x.asSlice((gathers ? place : j) * bytes, bytes);
            MemorySegment to = y.asSlice((gathers ? j : place) * bytes, bytes);
            row.move(kernels, from, to);
        }
    }
}
