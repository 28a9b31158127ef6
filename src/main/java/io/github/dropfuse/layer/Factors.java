package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Range;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.Map;

/** Draws factors: what dropout makes of ones. The ones stay in the processor's cache. */
final class Factors {
    /** Elements of a block: whole tiles of 512 units, and small beside a cache. */
    private static final int BLOCK = 1 << 14;

    private static final Map<DType, Tensor> ONES = ones();

    private Factors() {}

    static void draw(
            Execution execution,
            Tensor factors,
            Effect effect,
            PhiloxState state,
            long start) {
        Kernels kernels = execution.kernels();
        Tensor all = factors.reshape(factors.size());
        boolean splits =
                KernelCalls.split(execution, all.size(), BLOCK, KernelCalls.GRAIN, views -> {
                    Tensor shared = views.of(all);
                    return (from, count) -> draw(kernels, shared, from, count, effect, state, start);
                });
        if (!splits) {
            draw(kernels, all, 0, all.size(), effect, state, start);
        }
    }

    private static void draw(
            Kernels kernels,
            Tensor factors,
            long from,
            long count,
            Effect effect,
            PhiloxState state,
            long start) {
        Tensor ones = ONES.get(factors.dtype());
        for (long at = from, n; at < from + count; at += n) {
            n = Math.min(BLOCK, from + count - at);
            Layout units = Layout.elementsFrom(start + at);
            kernels.apply(
                    effect, state, units, ones.slice(0, n), null, null, factors.slice(at, at + n),
                    Range.ALL);
        }
    }

    private static Map<DType, Tensor> ones() {
        Map<DType, Tensor> ones = new EnumMap<>(DType.class);
        for (DType dtype : DType.values()) {
            Tensor block = Tensor.allocate(Arena.ofAuto(), dtype, BLOCK);
            for (long e = 0; e < BLOCK; e++) {
                block.set(e, 1.0);
            }
            ones.put(dtype, block);
        }
        return ones;
    }
}
