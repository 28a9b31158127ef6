package io.github.dropfuse.npy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Puts elements whose first index runs fastest into the order in which the last one does. */
final class FortranOrder {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final long[] shape;
    private final int width;
    private final long[] steps;

    FortranOrder(long[] shape, int width) {
        this.shape = shape;
        this.width = width;
        steps = new long[shape.length];
        long step = width;
        for (int d = 0; d < shape.length; d++) {
            steps[d] = step;
            step *= shape[d];
        }
    }

    /** Copies some elements; {@code first} is the row-major number of the first. */
    void copy(MemorySegment from, long first, MemorySegment to) {
        int last = shape.length - 1;
        long[] index = new long[shape.length];
        long rest = first;
        long row = 0;
        for (int d = last; d >= 0; d--) {
            index[d] = rest % shape[d];
            rest /= shape[d];
            row += d < last ? index[d] * steps[d] : 0;
        }
        for (long at = 0; at < to.byteSize(); ) {
            long count = Math.min(shape[last] - index[last], (to.byteSize() - at) / width);
            copyRow(from, row + index[last] * steps[last], to, at, count);
            at += count * width;
            index[last] = 0;
            for (int d = last - 1; d >= 0; d--) {
                row += steps[d];
                if (++index[d] < shape[d]) {
                    break;
                }
                row -= index[d] * steps[d];
                index[d] = 0;
            }
        }
    }

    private void copyRow(MemorySegment from, long begin, MemorySegment to, long at, long count) {
        long step = steps[steps.length - 1];
        for (long i = 0; i < count; i++) {
            long source = begin + i * step;
            long target = at + i * width;
            switch (width) {
                case 1 -> to.set(BYTE, target, from.get(BYTE, source));
                case 2 -> to.set(NpyFile.SHORT, target, from.get(NpyFile.SHORT, source));
                case 4 -> to.set(NpyFile.INT, target, from.get(NpyFile.INT, source));
                default -> to.set(NpyFile.LONG, target, from.get(NpyFile.LONG, source));
            }
        }
    }
}
