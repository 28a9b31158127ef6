package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import java.lang.foreign.MemorySegment;

/** Runs kernels over checked tensors: small calls directly, others in {@link Pieces}. */
final class UnitCalls {
    /** The smallest piece of a mask worth a thread, in units. */
    private static final long MASK_GRAIN = 1 << 18;

    private UnitCalls() {}

    static void drop(
            Execution execution,
            Tensor x,
            Tensor y,
            Units units,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        long size = x.size();
        if (size == 0) {
            return;
        }
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        DType dtype = x.dtype();
        long run = units.run(x);
        long cycle = units.cycle(x);
        long repeat = units.repeat(x);
        if (Pieces.single(here, units, x)) {
            kernels.drop(
                    dtype, x.address(), y.address(), 0, size, run, cycle, repeat, mask, p, seed,
                    offset, start, scale);
            return;
        }
        Pieces.of(here, units, x, start)
                .tensors(x, y)
                .shared(mask)
                .run(
                        (tensors, shared, first, count, unit) ->
                                kernels.drop(
                                        dtype, tensors[0], tensors[1], first, count, run, cycle,
                                        repeat, shared[0], p, seed, offset, unit, scale));
    }

    static void affine(
            Execution execution,
            Tensor x,
            Tensor y,
            Units units,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale,
            double shift,
            double dropped) {
        long size = x.size();
        if (size == 0) {
            return;
        }
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        DType dtype = x.dtype();
        long run = units.run(x);
        long cycle = units.cycle(x);
        long repeat = units.repeat(x);
        if (Pieces.single(here, units, x)) {
            kernels.affine(
                    dtype, x.address(), y.address(), 0, size, run, cycle, repeat, mask, p, seed,
                    offset, start, scale, shift, dropped);
            return;
        }
        Pieces.of(here, units, x, start)
                .tensors(x, y)
                .shared(mask)
                .run(
                        (tensors, shared, first, count, unit) ->
                                kernels.affine(
                                        dtype, tensors[0], tensors[1], first, count, run, cycle,
                                        repeat, shared[0], p, seed, offset, unit, scale, shift,
                                        dropped));
    }

    static void mask(Execution execution, Mask mask, double p, PhiloxState state, long start) {
        Kernels kernels = execution.at(mask.location()).kernels();
        Splitter splitter = execution.at(mask.location()).splitter();
        long seed = state.seed();
        long offset = state.offset();
        if (splitter.splits(mask.units(), MASK_GRAIN)) {
            MemorySegment shared = Pieces.shareable(kernels, mask.address());
            if (shared != null) {
                splitter.run(
                        mask.units(),
                        Pieces.ALIGN,
                        MASK_GRAIN,
                        (from, count) ->
                                kernels.mask(
                                        p, seed, offset, start + from, count, shared, from / 8));
                return;
            }
        }
        kernels.mask(p, seed, offset, start, mask.units(), mask.address(), 0);
    }

    static void copy(Execution execution, Tensor x, Tensor y) {
        if (x.size() > 0) {
            execution.at(x, y).kernels().copy(x.address(), y.address(), x.byteSize());
        }
    }
}
