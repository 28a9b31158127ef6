package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.RowMove;
import io.github.dropfuse.kernel.Splitter;
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
            Execution execution,
            String allName,
            Tensor all,
            String someName,
            Tensor some,
            long[] shape,
            Tensor out) {
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
        Checks.placed(execution, allName, all, someName, some);
    }

    /** Moves the rows, see {@link RowMove}. */
    void move(RowMove move, Tensor x, Tensor y, double scale) {
        if (rowElements == 0 || indices.length == 0) {
            return;
        }
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        Splitter splitter = here.splitter();
        DType dtype = x.dtype();
        long grain = Math.max(1, GRAIN / rowElements);
        if (splitter.splits(indices.length, grain)) {
            MemorySegment from = Pieces.shareable(kernels, x.address());
            MemorySegment to = Pieces.shareable(kernels, y.address());
            if (from != null && to != null) {
                splitter.run(
                        indices.length,
                        1,
                        grain,
                        (first, count) ->
                                kernels.rows(
                                        dtype, move, from, to, indices, first, count, rowElements,
                                        scale));
                return;
            }
        }
        kernels.rows(
                dtype, move, x.address(), y.address(), indices, 0, indices.length, rowElements,
                scale);
    }
}
