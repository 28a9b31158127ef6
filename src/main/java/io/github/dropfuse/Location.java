package io.github.dropfuse;

import java.lang.foreign.MemorySegment;

/**
 * A kind of memory that tensors live in, and how to copy to and from it: the host's, or one that a
 * device's driver has allocated. Equal locations are the same memory of the same device.
 */
public abstract class Location {
    /** Memory of the Java process: heap arrays, arenas, mapped files, direct buffers. */
    public static final Location HOST = new Host();

    private final boolean isHost;

    /**
     * For kinds of memory that device packages provide.
     *
     * @param isHost whether this process can read and write the memory by itself
     */
    protected Location(boolean isHost) {
        this.isHost = isHost;
    }

    /**
     * Whether this process can read and write the memory by itself.
     *
     * @return false for a device's own memory
     */
    public final boolean isHost() {
        return isHost;
    }

    /**
     * Copies memory of which one side is here and the other here or in the host's memory. Returns
     * when the copy is done.
     *
     * @param from what to copy; as an address where the host cannot access it
     * @param fromLocation where that is
     * @param to where to copy to, likewise
     * @param toLocation where that is
     * @param bytes how many
     * @throws IllegalArgumentException if one side cannot be reached from here
     */
    protected abstract void copy(
            MemorySegment from,
            Location fromLocation,
            MemorySegment to,
            Location toLocation,
            long bytes);

    private static final class Host extends Location {
        Host() {
            super(true);
        }

        @Override
        protected void copy(
                MemorySegment from,
                Location fromLocation,
                MemorySegment to,
                Location toLocation,
                long bytes) {
            MemorySegment.copy(from, 0, to, 0, bytes);
        }

        @Override
        public String toString() {
            return "host memory";
        }
    }
}
