package io.github.dropfuse.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** DropBlock's masks in host memory: what the block of a dropped centre covers is dropped. */
public final class BlockMasks {
    private static final ValueLayout.OfLong BITS =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bits that a word at any byte can hold from any bit of its first byte on. */
    private static final int REACH = 57;

    private final MemorySegment packed;
    private final long[] spatial;
    private final int side;
    private final boolean valid;

    private BlockMasks(MemorySegment packed, long[] spatial, int side, boolean valid) {
        this.packed = packed;
        this.spatial = spatial;
        this.side = side;
        this.valid = valid;
    }

    /**
     * The number of centres along a dimension.
     *
     * @param extent its positions
     * @param side length of a block's sides, at most as many
     * @param valid whether centres lie only where blocks lie within the image
     * @return at least 1
     */
    public static long along(long extent, int side, boolean valid) {
        return valid ? extent - side + 1 : extent;
    }

    static void make(
            MemorySegment centres,
            MemorySegment mask,
            long images,
            long[] spatial,
            int side,
            boolean valid) {
        BlockMasks masks = new BlockMasks(mask, spatial, side, valid);
        long size = 1;
        long ofImage = 1;
        for (long extent : spatial) {
            size *= extent;
            ofImage *= along(extent, side, valid);
        }
        mask.fill((byte) 0xFF);
        long units = images * ofImage;
        for (long from = 0; from < units; from += Long.SIZE) {
            long dropped = ~centres.get(BITS, from / 8);
            if (units - from < Long.SIZE) {
                dropped &= (1L << units - from) - 1;
            }
            for (; dropped != 0; dropped &= dropped - 1) {
                long unit = from + Long.numberOfTrailingZeros(dropped);
                masks.drop(unit / ofImage * size, unit % ofImage, 0, 0);
            }
        }
        long bits = images * size;
        if (bits % 8 != 0) {
            byte last = mask.get(ValueLayout.JAVA_BYTE, bits / 8);
            mask.set(ValueLayout.JAVA_BYTE, bits / 8, (byte) (last & (1 << bits % 8) - 1));
        }
    }

    /** Drops the block of a centre, dimension by dimension; `line` counts lines of the last one. */
    private void drop(long image, long centre, int dimension, long line) {
        long inner = 1;
        for (int d = dimension + 1; d < spatial.length; d++) {
            inner *= along(spatial[d], side, valid);
        }
        long extent = spatial[dimension];
        long at = centre / inner + (valid ? (side - 1) / 2 : 0);
        long from = Math.max(0, at - (side - 1) / 2);
        long to = Math.min(extent - 1, at + side / 2);
        if (dimension == spatial.length - 1) {
            clear(image + line * extent + from, to - from + 1);
            return;
        }
        for (long place = from; place <= to; place++) {
            drop(image, centre % inner, dimension + 1, line * extent + place);
        }
    }

    private void clear(long from, long count) {
        long bit = from;
        long left = count;
        while (left > 0) {
            int some = (int) Math.min(left, REACH);
            long ones = (1L << some) - 1 << (bit & 7);
            packed.set(BITS, bit >>> 3, packed.get(BITS, bit >>> 3) & ~ones);
            bit += some;
            left -= some;
        }
    }
}
