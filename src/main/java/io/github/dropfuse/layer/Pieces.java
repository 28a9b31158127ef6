package io.github.dropfuse.layer;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Cuts a call over a tensor's elements into calls of a kernel: over threads where the tensor is
 * large, and into the parts of units that a kernel's three numbers cannot describe as a whole.
 */
final class Pieces {
    /** Pieces begin at whole tiles of 512 units, so that no tile is drawn twice. */
    static final long ALIGN = 4096;

    /** The smallest piece worth a thread, in elements: some tens of microseconds of work. */
    private static final long GRAIN = 1 << 17;

    /** Stands for any thread but the current one. */
    private static final Thread ANOTHER_THREAD = Thread.ofPlatform().unstarted(() -> {});

    private final Execution execution;
    private final Units units;
    private final Tensor like;
    private final long start;
    private MemorySegment[] tensors = {};
    private MemorySegment[] shared = {};

    private Pieces(Execution execution, Units units, Tensor like, long start) {
        this.execution = execution;
        this.units = units;
        this.like = like;
        this.start = start;
    }

    /** A kernel's call on elements [first, first + count), element 0 being of the given unit. */
    @FunctionalInterface
    interface Kernel {
        void run(
                MemorySegment[] tensors,
                MemorySegment[] shared,
                long first,
                long count,
                long unit);
    }

    /** Whether one call of a kernel in this thread does it all: then nothing need be allocated. */
    static boolean single(Execution execution, Units units, Tensor like) {
        return !execution.splitter().splits(like.size(), GRAIN)
                && units.partSize(like) == like.size();
    }

    static Pieces of(Execution execution, Units units, Tensor like, long start) {
        return new Pieces(execution, units, like, start);
    }

    /** Memory of the elements, which a part sees only its own of. */
    Pieces tensors(Tensor... of) {
        tensors = new MemorySegment[of.length];
        Arrays.setAll(tensors, i -> whole(of[i]));
        return this;
    }

    /** Memory with its size, for slices; of a device's memory, for that device's kernels alone. */
    private MemorySegment whole(Tensor tensor) {
        return tensor.location().isHost() || !execution.kernels().accesses(tensor.location())
                ? tensor.segment()
                : tensor.address().reinterpret(tensor.byteSize());
    }

    /** Memory that every part sees all of. */
    Pieces shared(MemorySegment... segments) {
        shared = segments;
        return this;
    }

    void run(Kernel kernel) {
        Kernels kernels = execution.kernels();
        Splitter splitter = execution.splitter();
        long size = like.size();
        if (splitter.splits(size, GRAIN)) {
            MemorySegment[] ours = shareable(kernels, tensors);
            MemorySegment[] everyones = shareable(kernels, shared);
            if (ours != null && everyones != null) {
                splitter.run(
                        size,
                        ALIGN,
                        GRAIN,
                        (from, count) -> parts(kernel, ours, everyones, from, count));
                return;
            }
        }
        parts(kernel, tensors, shared, 0, size);
    }

    private void parts(
            Kernel kernel,
            MemorySegment[] all,
            MemorySegment[] everyones,
            long from,
            long count) {
        long partSize = units.partSize(like);
        if (partSize == like.size()) {
            kernel.run(all, everyones, from, count, start);
            return;
        }
        long partBytes = partSize * like.dtype().byteSize();
        MemorySegment[] own = new MemorySegment[all.length];
        long end = from + count;
        for (long at = from, n; at < end; at += n) {
            long part = at / partSize;
            long first = at % partSize;
            n = Math.min(partSize - first, end - at);
            Arrays.setAll(own, i -> all[i].asSlice(part * partBytes, partBytes));
            kernel.run(own, everyones, first, n, start + units.firstUnit(like, part));
        }
    }

    /** Views for other threads, or null where there is none of one of them. */
    static MemorySegment[] shareable(Kernels kernels, MemorySegment[] segments) {
        MemorySegment[] views = new MemorySegment[segments.length];
        for (int i = 0; i < views.length; i++) {
            views[i] = shareable(kernels, segments[i]);
            if (views[i] == null) {
                return null;
            }
        }
        return views;
    }

    /** A view for other threads, or null where there is none. */
    static MemorySegment shareable(Kernels kernels, MemorySegment segment) {
        return segment.isAccessibleBy(ANOTHER_THREAD) ? segment : kernels.shareable(segment);
    }
}
