package io.github.dropfuse.kernel;

import java.lang.foreign.MemorySegment;

/** The C functions for sums over rows. */
final class NativeSums {
    private NativeSums() {}

    static void sumRows(
            int tier,
            int type,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment sums,
            long first,
            long count,
            long length,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        boolean heap =
                !dy.isNative() || !x.isNative() || !sums.isNative() || !mask.isNative();
        long block = Kernels.SUM_ROWS * length;
        long chunk = heap ? Math.max(block, NativeKernels.SHORT_CALL / block * block) : count;
        for (long done = 0; done < count; done += chunk) {
            long from = first + done;
            long elements = Math.min(chunk, count - done);
            int status;
            try {
                if (heap) {
                    status =
                            (int)
                                    NativeCalls.SUM_ROWS_HEAP.invokeExact(
                                            tier, type, dy, x, sums, from, elements, length, run,
                                            cycle, repeat, mask, p, seed, offset, start, scale);
                } else {
                    status =
                            (int)
                                    NativeCalls.SUM_ROWS.invokeExact(
                                            tier, type, dy, x, sums, from, elements, length, run,
                                            cycle, repeat, mask, p, seed, offset, start, scale);
                }
            } catch (Throwable e) {
                throw NativeKernels.rethrown(e);
            }
            NativeKernels.check("dropfuse_sum_rows", status);
        }
    }

    static void sumTree(
            int tier, int type, MemorySegment sums, long blocks, long length, MemorySegment y) {
        boolean heap = !sums.isNative() || !y.isNative();
        int status;
        try {
            if (heap) {
                status =
                        (int) NativeCalls.SUM_TREE_HEAP.invokeExact(
                                tier, type, sums, blocks, length, y);
            } else {
                status =
                        (int) NativeCalls.SUM_TREE.invokeExact(tier, type, sums, blocks, length, y);
            }
        } catch (Throwable e) {
            throw NativeKernels.rethrown(e);
        }
        NativeKernels.check("dropfuse_sum_tree", status);
    }
}
