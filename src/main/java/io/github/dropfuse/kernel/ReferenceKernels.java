package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongPredicate;

/**
 * The primitives in plain Java, element by element, written to be read: what every other backend
 * must equal bit for bit, and what serves where no native library is.
 */
public final class ReferenceKernels implements Kernels {
    /** The one instance; it has no state. */
    public static final ReferenceKernels INSTANCE = new ReferenceKernels();

    private ReferenceKernels() {}

    @Override
    public String backend() {
        return "reference";
    }

    @Override
    public String tier() {
        return "java";
    }

    @Override
    public void mask(
            double p,
            long seed,
            long offset,
            long start,
            long count,
            MemorySegment mask,
            long byteOffset) {
        MaskContract contract = new MaskContract(p, seed, offset);
        for (long from = 0; from < count; from += 8) {
            int bits = 0;
            for (int j = 0; j < Math.min(8, count - from); j++) {
                if (contract.keeps(start + from + j)) {
                    bits |= 1 << j;
                }
            }
            mask.set(ValueLayout.JAVA_BYTE, byteOffset + from / 8, (byte) bits);
        }
    }

    @Override
    public void drop(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        LongPredicate keeps = decisions(mask, p, seed, offset);
        for (long e = first; e < first + count; ) {
            long unit = start + e / (run * cycle * repeat) * cycle + e / run % cycle;
            long end = Math.min(e - e % run + run, first + count);
            if (keeps.test(unit)) {
                scale(dtype, x, y, e, end, scale);
            } else {
                zero(dtype, y, e, end);
            }
            e = end;
        }
    }

    @Override
    public MemorySegment shareable(MemorySegment segment) {
        return null;
    }

    private static LongPredicate decisions(MemorySegment mask, double p, long seed, long offset) {
        if (mask.equals(MemorySegment.NULL)) {
            return new MaskContract(p, seed, offset)::keeps;
        }
        return unit -> (mask.get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1) != 0;
    }

    /** One multiplication in the compute type, and for the 16-bit types one rounding after it. */
    private static void scale(
            DType dtype, MemorySegment x, MemorySegment y, long from, long to, double scale) {
        int size = dtype.byteSize();
        if (dtype.computesIn() == DType.FLOAT64) {
            for (long e = from; e < to; e++) {
                dtype.set(y, e * size, dtype.get(x, e * size) * scale);
            }
        } else {
            float factor = (float) scale;
            for (long e = from; e < to; e++) {
                dtype.set(y, e * size, (float) dtype.get(x, e * size) * factor);
            }
        }
    }

    private static void zero(DType dtype, MemorySegment y, long from, long to) {
        for (long e = from; e < to; e++) {
            dtype.set(y, e * dtype.byteSize(), 0.0);
        }
    }
}
