package io.github.dropfuse.testing;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;

/** What a layer has to give, computed from the oracle's decisions. */
public final class Expected {
    private Expected() {}

    /** {@code y[e] = bit(e / run) ? x[e] * scale : +0}. */
    public static MemorySegment drop(
            DType dtype, MemorySegment x, long run, byte[] mask, double scale) {
        MemorySegment y = MemorySegment.ofArray(new byte[(int) x.byteSize()]);
        long elements = x.byteSize() / dtype.byteSize();
        for (long e = 0; e < elements; e++) {
            int unit = (int) (e / run);
            boolean kept = (mask[unit / 8] >> unit % 8 & 1) == 1;
            long bits = kept ? Oracle.keptBits(dtype, Patterns.get(dtype, x, e), scale) : 0;
            Patterns.set(dtype, y, e, bits);
        }
        return y;
    }
}
