package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;

/** Runs the kernel of normal numbers over checked tensors. */
final class NormalCalls {
    private NormalCalls() {}

    static void run(
            Execution execution,
            Tensor x,
            Tensor y,
            PhiloxState state,
            long start,
            boolean multiply,
            double sigma) {
        long size = x.size();
        Checks.unitRange(start, size);
        if (sigma == 0) {
            copy(execution, x, y);
            return;
        }
        if (size == 0) {
            return;
        }
        Execution here = execution.at(x, y);
        Kernels kernels = here.kernels();
        long seed = state.seed();
        long offset = state.offset();
        if (Pieces.single(here, Units.elements(), x)) {
            kernels.normal(
                    x.dtype(), x.address(), y.address(), 0, size, seed, offset, start, multiply,
                    sigma);
            return;
        }
        Pieces.of(here, Units.elements(), x, start)
                .tensors(x, y)
                .run(
                        (tensors, shared, first, count, unit) ->
                                kernels.normal(
                                        x.dtype(), tensors[0], tensors[1], first, count, seed,
                                        offset, unit, multiply, sigma));
    }

    static void copy(Execution execution, Tensor x, Tensor y) {
        if (!Checks.sameMemory(x, y)) {
            UnitCalls.copy(execution, x, y);
        }
    }
}
