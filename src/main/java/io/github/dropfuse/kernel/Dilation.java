package io.github.dropfuse.kernel;

import io.github.dropfuse.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Drops the blocks of centres; see {@link Kernels#blocks}. */
final class Dilation {
    private final BlockShape shape;
    private final MemorySegment centres;
    private final Mask mask;

    Dilation(BlockShape shape, MemorySegment centres, Mask mask) {
        this.shape = shape;
        this.centres = centres;
        this.mask = mask;
    }

    /** Drops what the dropped centres of images [from, to) cover. */
    void run(long from, long to) {
        long ofImage = shape.centres();
        for (long centre = from * ofImage; centre < to * ofImage; centre++) {
            int bits = centres.get(ValueLayout.JAVA_BYTE, centre >>> 3);
            if ((bits >>> (centre & 7) & 1) == 0) {
                drop(centre / ofImage, centre % ofImage, 0);
            }
        }
    }

    /**
     * Drops a block from a dimension on: `line` is the place in the dimensions before it,
     * row-major, and `centre` the centre's number in the others.
     */
    private void drop(long line, long centre, int dimension) {
        if (dimension == shape.spatial().length) {
            mask.set(line, false);
            return;
        }
        long inner = 1;
        for (int d = dimension + 1; d < shape.spatial().length; d++) {
            inner *= shape.centresAlong(d);
        }
        int before = (shape.side() - 1) / 2;
        long extent = shape.spatial()[dimension];
        long at = centre / inner + (shape.valid() ? before : 0);
        long last = Math.min(extent - 1, at + shape.side() / 2);
        for (long place = Math.max(0, at - before); place <= last; place++) {
            drop(line * extent + place, centre % inner, dimension + 1);
        }
    }
}
