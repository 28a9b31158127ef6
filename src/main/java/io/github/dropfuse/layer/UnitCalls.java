package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import java.lang.foreign.MemorySegment;

/** Runs kernels over checked tensors, in pieces where that pays. */
final class UnitCalls {
    /** The smallest piece worth a thread, in elements: some tens of microseconds of work. */
    private static final long GRAIN = 1 << 17;

    /** The smallest piece of a mask worth a thread, in units. */
    private static final long MASK_GRAIN = 1 << 18;

    /** Pieces begin at whole tiles of 512 units, so that no tile is drawn twice. */
    private static final long ALIGN = 4096;

    /** Stands for any thread but the current one. */
    private static final Thread ANOTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

    private UnitCalls() {}

    static void drop(
            Execution execution,
            Tensor x,
            Tensor y,
            long run,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        long size = x.size();
        Kernels kernels = execution.kernels();
        Splitter splitter = execution.splitter();
        if (size == 0) {
            return;
        }
        if (splitter.splits(size, GRAIN)) {
            DType dtype = x.dtype();
            MemorySegment sharedX = shareable(kernels, x.segment());
            MemorySegment sharedY = shareable(kernels, y.segment());
            MemorySegment sharedMask = shareable(kernels, mask);
            if (sharedX != null && sharedY != null && sharedMask != null) {
                splitter.run(
                        size,
                        ALIGN,
                        GRAIN,
                        (from, count) ->
                                kernels.drop(
                                        dtype, sharedX, sharedY, from, count, run, 1, 1, sharedMask,
                                        p, seed, offset, start, scale));
                return;
            }
        }
        kernels.drop(
                x.dtype(), x.segment(), y.segment(), 0, size, run, 1, 1, mask, p, seed, offset,
                start, scale);
    }

    static void mask(Execution execution, Mask mask, double p, PhiloxState state, long start) {
        Kernels kernels = execution.kernels();
        Splitter splitter = execution.splitter();
        long seed = state.seed();
        long offset = state.offset();
        if (splitter.splits(mask.units(), MASK_GRAIN)) {
            MemorySegment shared = shareable(kernels, mask.segment());
            if (shared != null) {
                splitter.run(
                        mask.units(),
                        ALIGN,
                        MASK_GRAIN,
                        (from, count) ->
                                kernels.mask(
                                        p, seed, offset, start + from, count, shared, from / 8));
                return;
            }
        }
        kernels.mask(p, seed, offset, start, mask.units(), mask.segment(), 0);
    }

    static void copy(Tensor x, Tensor y) {
        MemorySegment.copy(x.segment(), 0, y.segment(), 0, x.byteSize());
    }

    private static MemorySegment shareable(Kernels kernels, MemorySegment segment) {
        return segment.isAccessibleBy(ANOTHER_THREAD) ? segment : kernels.shareable(segment);
    }
}
