package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Rows of a tensor, and a dense tensor of some of them. */
final class Rows {
    private Rows() {}

    /** Checks a tensor and one of some of its rows, of which one is written to. */
    static void check(
            Execution execution,
            String allName,
            Tensor all,
            String someName,
            Tensor some,
            long[] shape,
            Tensor out) {
        if (!some.hasShape(shape)) {
            throw new IllegalArgumentException(
                    someName + " has shape " + Arrays.toString(some.shape()) + ", allowed is "
                            + Arrays.toString(shape));
        }
        Checks.type(someName, some, allName, all);
        Checks.accessible(all.address());
        Checks.accessible(some.address());
        Checks.writable(out == all ? allName : someName, out.address());
        Checks.apart(someName, some, allName, all);
        Kernels kernels = execution.at(all, some).kernels();
        Checks.placed(kernels, allName, all, someName, some, null);
    }

    /**
     * Refuses an index of some that is not in [0, limit), or is there twice. They are a sample's
     * tokens, or where that is negative samples.
     */
    static void checkDistinct(long[] indices, int from, int count, long limit, long sample) {
        boolean ascending = true;
        for (int j = from; j < from + count; j++) {
            if (indices[j] < 0 || indices[j] >= limit) {
                throw new IllegalArgumentException(
                        "indices[" + j + "] is " + indices[j] + ", allowed are 0 to "
                                + (limit - 1));
            }
            ascending &= j == from || indices[j] > indices[j - 1];
        }
        if (ascending) {
            return;
        }
        long[] sorted = new long[count];
        Arrays.setAll(sorted, j -> indices[from + j] << Integer.SIZE | j);
        Arrays.sort(sorted);
        for (int j = 1; j < count; j++) {
            if (sorted[j] >>> Integer.SIZE == sorted[j - 1] >>> Integer.SIZE) {
                throw new IllegalArgumentException(
                        "indices[" + (from + (int) sorted[j]) + "] is "
                                + (sorted[j] >>> Integer.SIZE) + " once more"
                                + (sample < 0
                                        ? ", allowed is each sample once"
                                        : " in sample " + sample + ", allowed is each token once"));
            }
        }
    }

    /**
     * Moves rows of checked tensors, see {@link RowMove}.
     *
     * @param indices for each row of the dense tensor its place, 64-bit numbers in host memory
     */
    static void move(
            Execution execution,
            RowMove move,
            double scale,
            MemorySegment indices,
            Tensor x,
            Tensor y) {
        Tensor dense = move == RowMove.GATHER ? y : x;
        long count = indices.byteSize() / Long.BYTES;
        if (count == 0 || dense.size() == 0) {
            return;
        }
        long length = dense.size() / count;
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        long grain = Math.max(1, KernelCalls.GRAIN / length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment places = kernels.place().readable(arena, indices);
            Tensor from = x.reshape(x.size() / length, length);
            Tensor to = y.reshape(y.size() / length, length);
            boolean splits =
                    KernelCalls.split(here, count, 1, grain, views -> {
                        MemorySegment of = views.of(places);
                        Tensor in = views.of(from);
                        Tensor out = views.of(to);
                        return (at, n) ->
                                kernels.rows(move, scale, of, in, out, new Range(at, n));
                    });
            if (!splits) {
                kernels.rows(move, scale, places, from, to, Range.ALL);
            }
        }
    }
}
