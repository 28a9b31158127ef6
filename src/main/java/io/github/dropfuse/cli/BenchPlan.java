package io.github.dropfuse.cli;

import io.github.dropfuse.DType;
import io.github.dropfuse.layer.Backend;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What {@code dropfuse bench} measures, from tensors that fit the first cache to main memory. */
final class BenchPlan {
    private static final long[] SIZES = {1 << 12, 1 << 14, 1 << 16, 1 << 20, 1 << 26};
    private static final long[] FEW_SIZES = {1 << 14, 1 << 20, 1 << 26};
    private static final double LARGE_WEIGHT = 6;
    private static final Set<BenchKernel> ALL = EnumSet.allOf(BenchKernel.class);
    private static final Set<BenchKernel> FEW =
            EnumSet.of(BenchKernel.FORWARD, BenchKernel.STORED_MASK);

    private BenchPlan() {}

    /** All kernels on float32 in one thread and in all, the main ones on other types. */
    static List<BenchGroup> of(List<Backend> backends, int processors) {
        List<BenchGroup> groups = new ArrayList<>();
        for (long size : SIZES) {
            groups.add(group(DType.FLOAT32, size, 1, ALL, backends));
            if (processors > 1) {
                groups.add(group(DType.FLOAT32, size, processors, ALL, backends));
            }
        }
        for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            for (long size : FEW_SIZES) {
                groups.add(group(dtype, size, 1, FEW, backends));
            }
        }
        return groups;
    }

    private static BenchGroup group(
            DType dtype,
            long size,
            int threads,
            Set<BenchKernel> kernels,
            List<Backend> backends) {
        double weight = size == SIZES[SIZES.length - 1] ? LARGE_WEIGHT : 1;
        return new BenchGroup(
                dtype, size, threads, kernels, backends, weight * kernels.size() / ALL.size());
    }
}
