package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the blocks of a DropBlock lie in an image, and how often they cover it. A centre c covers
 * the positions from c - (s - 1) / 2 to c + s / 2, both divisions rounding down.
 */
final class Blocks {
    private static final ValueLayout.OfLong BITS =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bits that a word at any byte can hold from any bit of its first byte on. */
    private static final int REACH = 57;

    private final long[] spatial;
    private final int side;
    private final boolean valid;

    Blocks(long[] spatial, int side, boolean valid) {
        this.spatial = spatial;
        this.side = side;
        this.valid = valid;
    }

    /** The number of centres of one image. */
    long centres() {
        long centres = 1;
        for (long extent : spatial) {
            centres *= along(extent);
        }
        return centres;
    }

    /** Centres along a dimension. */
    private long along(long extent) {
        return valid ? extent - side + 1 : extent;
    }

    /** The place of the first centre that there is. */
    private int first() {
        return valid ? (side - 1) / 2 : 0;
    }

    /**
     * The rate of centres that drops a share p of all positions: {@code mean of (1 - (1 - γ)^m) = p}.
     * With q = -log(1 - γ) the mean of 1 - exp(-q m) is concave in q, so that Newton's iteration
     * from 0 rises to the solution and never passes it.
     */
    double gamma(double p) {
        if (p == 0 || p == 1) {
            return p;
        }
        Map<Long, Double> cover = cover();
        double q = 0;
        while (true) {
            double dropped = 0;
            double slope = 0;
            for (Map.Entry<Long, Double> entry : cover.entrySet()) {
                double term = StrictMath.expm1(-q * entry.getKey());
                dropped -= entry.getValue() * term;
                slope += entry.getValue() * entry.getKey() * (1 + term);
            }
            double next = q + (p - dropped) / slope;
            if (!(next > q)) {
                return -StrictMath.expm1(-q);
            }
            q = next;
        }
    }

    /** The share of positions that m centres can cover, by m. */
    private Map<Long, Double> cover() {
        Map<Long, Double> all = new TreeMap<>(Map.of(1L, 1.0));
        for (long extent : spatial) {
            Map<Long, Double> longer = new TreeMap<>();
            Map<Long, Double> along = coverAlong(extent);
            all.forEach(
                    (m, share) ->
                            along.forEach(
                                    (k, part) -> longer.merge(m * k, share * part, Double::sum)));
            all = longer;
        }
        return all;
    }

    private Map<Long, Double> coverAlong(long extent) {
        Map<Long, Long> positions = new TreeMap<>();
        long last = first() + along(extent) - 1;
        for (long at = 0; at < extent; at++) {
            long from = Math.max(first(), at - side / 2);
            long to = Math.min(last, at + (side - 1) / 2);
            positions.merge(to - from + 1, 1L, Long::sum);
        }
        Map<Long, Double> shares = new TreeMap<>();
        positions.forEach((m, count) -> shares.put(m, (double) count / extent));
        return shares;
    }

    /** The mask of some images: what no block covers is kept. */
    Mask mask(
            Arena arena,
            long images,
            double gamma,
            PhiloxState state,
            long start,
            Execution execution) {
        long size = 1;
        for (long extent : spatial) {
            size *= extent;
        }
        long bits = images * size;
        long bytes = (bits + 7) / 8;
        MemorySegment packed = arena.allocate(bytes + Long.BYTES, 64);
        packed.fill((byte) 0xFF);
        long centres = centres();
        try (Arena own = Arena.ofConfined()) {
            long units = images * centres;
            MemorySegment room = own.allocate((units + 7) / 8 + Long.BYTES, 64);
            Mask drawn = Mask.of(room.asSlice(0, (units + 7) / 8), units);
            Masks.draw(drawn, gamma, state, start, execution);
            for (long from = 0; from < units; from += Long.SIZE) {
                long dropped = ~room.get(BITS, from / 8);
                if (units - from < Long.SIZE) {
                    dropped &= (1L << units - from) - 1;
                }
                for (; dropped != 0; dropped &= dropped - 1) {
                    long unit = from + Long.numberOfTrailingZeros(dropped);
                    drop(packed, unit / centres * size, unit % centres, 0, 0);
                }
            }
        }
        if (bits % 8 != 0) {
            byte last = packed.get(ValueLayout.JAVA_BYTE, bytes - 1);
            packed.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) (last & (1 << bits % 8) - 1));
        }
        return Mask.of(packed.asSlice(0, bytes), bits);
    }

    /** Drops the block of a centre, dimension by dimension; `line` counts lines of the last one. */
    private void drop(
            MemorySegment packed, long image, long centre, int dimension, long line) {
        long inner = 1;
        for (int d = dimension + 1; d < spatial.length; d++) {
            inner *= along(spatial[d]);
        }
        long extent = spatial[dimension];
        long at = centre / inner + first();
        long from = Math.max(0, at - (side - 1) / 2);
        long to = Math.min(extent - 1, at + side / 2);
        if (dimension == spatial.length - 1) {
            clear(packed, image + line * extent + from, to - from + 1);
            return;
        }
        for (long place = from; place <= to; place++) {
            drop(packed, image, centre % inner, dimension + 1, line * extent + place);
        }
    }

    private static void clear(MemorySegment packed, long from, long count) {
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
