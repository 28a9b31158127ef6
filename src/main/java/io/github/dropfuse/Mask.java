package io.github.dropfuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Stored decisions, packed one bit a unit: bit {@code i}, from the least significant bit of byte 0
 * upward, is 1 when unit {@code i} is kept. A view of memory that somebody else owns, such as an
 * {@link Arena}, an array or a file.
 */
public final class Mask implements MaskSource {
    private final MemorySegment segment;
    private final long units;

    private Mask(MemorySegment segment, long units) {
        this.segment = segment;
        this.units = units;
    }

    /**
     * A view of packed bits.
     *
     * @param segment {@code (units + 7) / 8} bytes; bits past the last unit mean nothing
     * @param units the number of units, at least 0
     * @return a mask that shares the segment's memory
     * @throws IllegalArgumentException if {@code units} is negative, or the segment's size is not
     *     that of so many units
     */
    public static Mask of(MemorySegment segment, long units) {
        if (segment.byteSize() != bytesFor(units)) {
            throw new IllegalArgumentException(
                    "segment has " + segment.byteSize() + " bytes, " + units
                            + " units need exactly " + bytesFor(units));
        }
        return new Mask(segment, units);
    }

    /**
     * A new mask that drops every unit, freed with the arena.
     *
     * @param arena owns the memory
     * @param units the number of units, at least 0
     * @return the mask
     * @throws IllegalArgumentException if {@code units} is negative
     */
    public static Mask allocate(Arena arena, long units) {
        return new Mask(arena.allocate(bytesFor(units), 64), units);
    }

    /**
     * The packed bits.
     *
     * @return {@code (units() + 7) / 8} bytes
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * The number of units.
     *
     * @return at least 0
     */
    public long units() {
        return units;
    }

    /**
     * Whether a unit is kept.
     *
     * @param unit 0 to {@code units() - 1}
     * @return true if it is kept
     * @throws IndexOutOfBoundsException if there is no such unit
     */
    public boolean keeps(long unit) {
        Objects.checkIndex(unit, units);
        return (segment.get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1) != 0;
    }

    /**
     * Keeps or drops a unit.
     *
     * @param unit 0 to {@code units() - 1}
     * @param kept whether to keep it
     * @throws IndexOutOfBoundsException if there is no such unit
     */
    public void set(long unit, boolean kept) {
        Objects.checkIndex(unit, units);
        int bit = 1 << (unit & 7);
        int bits = segment.get(ValueLayout.JAVA_BYTE, unit >>> 3);
        segment.set(
                ValueLayout.JAVA_BYTE, unit >>> 3, (byte) (kept ? bits | bit : bits & ~bit));
    }

    /**
     * Counts the kept units.
     *
     * @return 0 to {@code units()}
     */
    public long kept() {
        long kept = 0;
        long words = units >>> 6;
        for (long word = 0; word < words; word++) {
            kept += Long.bitCount(segment.get(ValueLayout.JAVA_LONG_UNALIGNED, word * 8));
        }
        for (long unit = words * 64; unit < units; unit++) {
            kept += keeps(unit) ? 1 : 0;
        }
        return kept;
    }

    private static long bytesFor(long units) {
        if (units < 0) {
            throw new IllegalArgumentException(
                    "units is " + units + ", allowed are 0 to 2^63 - 1");
        }
        return (units >>> 3) + ((units & 7) == 0 ? 0 : 1);
    }

    /** The number of units, and the decisions of the first ones as digits, 1 for kept. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Mask[" + units + " units");
        if (segment.scope().isAlive() && segment.isAccessibleBy(Thread.currentThread())) {
            text.append(", ");
            for (long unit = 0; unit < Math.min(units, 32); unit++) {
                text.append(keeps(unit) ? '1' : '0');
            }
            text.append(units > 32 ? "…" : "");
        }
        return text.append(']').toString();
    }
}
