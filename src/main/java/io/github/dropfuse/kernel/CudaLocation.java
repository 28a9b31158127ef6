package io.github.dropfuse.kernel;

import io.github.dropfuse.Location;
import java.lang.foreign.MemorySegment;

/**
 * Memory that the CUDA driver has allocated: a device's own, or pinned memory of the host, which
 * every device can access.
 */
public final class CudaLocation extends Location {
    private final int device;
    private final boolean pinned;

    private CudaLocation(int device, boolean pinned) {
        super(pinned);
        this.device = device;
        this.pinned = pinned;
    }

    /** A device's own memory. */
    public static CudaLocation device(int device) {
        return new CudaLocation(device, false);
    }

    /** Pinned host memory that a device copies. */
    public static CudaLocation pinned(int device) {
        return new CudaLocation(device, true);
    }

    /** The device's index. */
    public int device() {
        return device;
    }

    /** Whether a device can access memory of some location. */
    static boolean accessible(Location location, int device) {
        return location instanceof CudaLocation cuda && (cuda.pinned || cuda.device == device);
    }

    @Override
    protected void copy(
            MemorySegment from,
            Location fromLocation,
            MemorySegment to,
            Location toLocation,
            long bytes) {
        CudaMemory.copy(
                device, MemorySegment.NULL, from, fromLocation, to, toLocation, bytes, true);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CudaLocation that
                && that.device == device
                && that.pinned == pinned;
    }

    @Override
    public int hashCode() {
        return 2 * device + (pinned ? 1 : 0);
    }

    @Override
    public String toString() {
        return pinned ? "pinned host memory" : "memory of cuda:" + device;
    }
}
