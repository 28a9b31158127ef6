package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import io.github.dropfuse.layer.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What {@code dropfuse bench} measures, from tensors that fit the first cache to main memory. */
final class BenchPlan {
    private static final long[] SIZES = {1 << 12, 1 << 14, 1 << 16, 1 << 20, 1 << 26};
    private static final long[] FEW_SIZES = {1 << 14, 1 << 20, 1 << 26};
    private static final long[] COLD_SIZES = {1 << 16, 1 << 20};
    private static final long LARGE = 1 << 26;
    private static final double LARGE_WEIGHT = 10;

    /** Dropout and DropPath by themselves. */
    private static final List<BenchKernel> PLAIN =
            named(Set.of("forward", "backward", "stored-mask", "mask", "droppath"));

    private static final List<BenchKernel> FEW = named(Set.of("forward", "stored-mask"));

    private BenchPlan() {}

    /**
     * Dropout and DropPath on float32 in one thread and in all, the main kernels on other types. The
     * other layers on float32 in one thread: in the first cache on all backends, in the next on all
     * but those in Java, and in main memory on the best native one. This one also has the main
     * kernels on tensors that no cache has.
     */
    static List<BenchGroup> of(List<Backend> backends, int processors) {
        List<BenchKernel> others =
                BenchKernel.all().stream().filter(kernel -> !PLAIN.contains(kernel)).toList();
        List<BenchGroup> groups = new ArrayList<>();
        int[] threads = processors > 1 ? new int[] {1, processors} : new int[] {1};
        for (long size : SIZES) {
            for (int some : threads) {
                groups.add(group(DType.FLOAT32, size, some, false, PLAIN, backends, backends));
            }
        }
        for (long size : FEW_SIZES) {
            List<Backend> some = some(backends, size);
            groups.add(group(DType.FLOAT32, size, 1, false, others, some, backends));
        }
        for (long size : COLD_SIZES) {
            List<Backend> best = some(backends, LARGE);
            if (!best.isEmpty()) {
                groups.add(group(DType.FLOAT32, size, 1, true, FEW, best, backends));
            }
        }
        for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            for (long size : FEW_SIZES) {
                groups.add(group(dtype, size, 1, false, FEW, backends, backends));
            }
        }
        return groups;
    }

    private static List<BenchKernel> named(Set<String> names) {
        return BenchKernel.all().stream().filter(kernel -> names.contains(kernel.name())).toList();
    }

    private static List<Backend> some(List<Backend> backends, long size) {
        return backends.stream()
                .filter(backend -> size == FEW_SIZES[0] || backend.name().equals("native"))
                .limit(size == LARGE ? 1 : Long.MAX_VALUE)
                .toList();
    }

    private static BenchGroup group(
            DType dtype,
            long size,
            int threads,
            boolean cold,
            List<BenchKernel> kernels,
            List<Backend> backends,
            List<Backend> all) {
        double contenders = (double) kernels.size() * backends.size();
        double ofPlain = (double) PLAIN.size() * all.size();
        return new BenchGroup(
                dtype, size, threads, cold, kernels, backends,
                (size == LARGE ? LARGE_WEIGHT : 1) * contenders / ofPlain);
    }
}
