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
    private final Location location;
    private final MemorySegment segment;
    private final long units;

    private Mask(Location location, MemorySegment segment, long units) {
        this.location = location;
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
        Objects.requireNonNull(segment, "segment");
        return at(Location.HOST, segment, units);
    }

    /**
     * A view of packed bits in memory of a given kind; for device packages.
     *
     * @param location what kind of memory it is
     * @param memory {@code (units + 7) / 8} bytes; for memory that the host cannot access, a
     *     segment of size 0 with the first byte's address and the memory's scope
     * @param units the number of units, at least 0
     * @return a mask that shares the memory
     * @throws IllegalArgumentException if {@code units} is negative, or the segment's size is wrong
     */
    public static Mask at(Location location, MemorySegment memory, long units) {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(memory, "memory");
        long needed = bytesFor(units);
        if (memory.byteSize() != (location.isHost() ? needed : 0)) {
            throw new IllegalArgumentException(
                    location.isHost()
                            ? "segment has " + memory.byteSize() + " bytes, " + units
                                    + " units need exactly " + needed
                            : "segment has " + memory.byteSize() + " bytes, in " + location
                                    + " it has to have 0");
        }
        return new Mask(location, memory, units);
    }

    /**
     * A new mask that drops every unit, freed with the arena.
     *
     * @param arena owns the memory
     * @param units the number of units, at least 0
     * @return the mask
     * @throws IllegalArgumentException if {@code units} is negative, or the arena gives another
     *     size
     */
    public static Mask allocate(Arena arena, long units) {
        Objects.requireNonNull(arena, "arena");
        return new Mask(Location.HOST, Tensor.allocate(arena, bytesFor(units)), units);
    }

    /**
     * A new mask from one byte a unit, such as a boolean tensor of another library.
     *
     * @param arena owns the mask's memory
     * @param bytes 0 drops a unit, anything else keeps it
     * @return a mask of as many units as there are bytes
     */
    public static Mask ofBytes(Arena arena, MemorySegment bytes) {
        long units = Objects.requireNonNull(bytes, "bytes").byteSize();
        Mask mask = allocate(arena, units);
        for (long unit = 0; unit < units; unit += 8) {
            int bits = 0;
            for (int j = 0; j < Math.min(8, units - unit); j++) {
                bits |= bytes.get(ValueLayout.JAVA_BYTE, unit + j) == 0 ? 0 : 1 << j;
            }
            mask.segment.set(ValueLayout.JAVA_BYTE, unit >>> 3, (byte) bits);
        }
        return mask;
    }

    /**
     * Writes one byte a unit: 1 for a kept one, 0 for a dropped one.
     *
     * @param bytes receives as many bytes as there are units
     * @throws IllegalArgumentException if it has another size or is read-only
     * @throws UnsupportedOperationException if the host cannot access the mask
     */
    public void copyToBytes(MemorySegment bytes) {
        if (Objects.requireNonNull(bytes, "bytes").byteSize() != units) {
            throw new IllegalArgumentException(
                    "bytes has " + bytes.byteSize() + " bytes, allowed are the units' " + units);
        }
        if (bytes.isReadOnly()) {
            throw new IllegalArgumentException("bytes is read-only, it has to be writable");
        }
        MemorySegment packed = segment();
        for (long unit = 0; unit < units; unit++) {
            int bit = packed.get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1;
            bytes.set(ValueLayout.JAVA_BYTE, unit, (byte) bit);
        }
    }

    /**
     * The packed bits.
     *
     * @return {@code (units() + 7) / 8} bytes
     * @throws UnsupportedOperationException if the host cannot access them
     */
    public MemorySegment segment() {
        if (!location.isHost()) {
            throw new UnsupportedOperationException(
                    "the mask is in " + location + ", which the host cannot access");
        }
        return segment;
    }

    /**
     * The packed bits for calls of native code that take an address.
     *
     * @return {@link #segment()}; of memory that the host cannot access a segment of size 0, with
     *     the first byte's address and the memory's scope
     */
    public MemorySegment address() {
        return segment;
    }

    /**
     * {@return the kind of memory that holds the bits: {@link Location#HOST} unless a device's
     * driver has allocated it}
     */
    public Location location() {
        return location;
    }

    /** {@return the number of units, at least 0} */
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
        return (segment().get(ValueLayout.JAVA_BYTE, unit >>> 3) >>> (unit & 7) & 1) != 0;
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
        int bits = segment().get(ValueLayout.JAVA_BYTE, unit >>> 3);
        segment().set(
                ValueLayout.JAVA_BYTE, unit >>> 3, (byte) (kept ? bits | bit : bits & ~bit));
    }

    /** {@return the number of kept units} */
    public long kept() {
        long kept = 0;
        long words = units >>> 6;
        MemorySegment bits = segment();
        for (long word = 0; word < words; word++) {
            kept += Long.bitCount(bits.get(ValueLayout.JAVA_LONG_UNALIGNED, word * 8));
        }
        for (long unit = words * 64; unit < units; unit++) {
            kept += keeps(unit) ? 1 : 0;
        }
        return kept;
    }

    /**
     * Copies all decisions of another mask into this one, wherever the two live. Returns when the
     * copy is done.
     *
     * @param source a mask of as many units, in other memory
     * @throws IllegalArgumentException if the numbers of units differ, this mask is read-only, or
     *     the two are of different devices
     */
    public void copyFrom(Mask source) {
        if (Objects.requireNonNull(source, "source").units != units) {
            throw new IllegalArgumentException(
                    "source has " + source.units + " units, allowed is the target's " + units);
        }
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException("target is read-only, it has to be writable");
        }
        Location active = location == Location.HOST ? source.location : location;
        active.copy(source.segment, source.location, segment, location, bytesFor(units));
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
        if (!location.isHost()) {
            return text.append(", ").append(location).append(']').toString();
        }
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
