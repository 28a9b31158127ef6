package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Masks that are multiplied with: a dropped value is a product with 0, not a selection. */
final class Products {
    private Products() {}

    static void apply(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            long start,
            double divisor,
            double factor) {
        int size = dtype.byteSize();
        for (long e = first; e < first + count; e++) {
            long unit = start + e / (run * cycle * repeat) * cycle + e / run % cycle;
            boolean kept = (mask.get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1) != 0;
            dtype.set(y, e * size, dtype.get(x, e * size) / divisor);
            dtype.set(y, e * size, dtype.get(y, e * size) * (kept ? factor : 0.0));
        }
    }
}
