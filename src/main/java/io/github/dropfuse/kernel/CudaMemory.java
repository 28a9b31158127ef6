package io.github.dropfuse.kernel;

import io.github.dropfuse.Location;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory of devices and pinned memory, owned by arenas, and copies. */
public final class CudaMemory {
    /** Heap arrays are copied through a buffer of this size, as the driver cannot see them. */
    private static final long STAGING = 1 << 20;

    private CudaMemory() {}

    @FunctionalInterface
    private interface Allocate {
        int call(int device, long bytes, MemorySegment slot);
    }

    @FunctionalInterface
    private interface Free {
        int call(int device, MemorySegment memory);
    }

    /**
     * Allocates memory of a device. When the arena closes, the device's work is waited for and the
     * memory freed.
     *
     * @param device which device
     * @param arena owns the memory
     * @param bytes how many, at least 0
     * @return a segment of size 0 with the memory's address and the arena's scope
     */
    public static MemorySegment allocate(int device, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, 0, dropfuse_h::dropfuse_cuda_allocate,
                dropfuse_h::dropfuse_cuda_free);
    }

    /**
     * Allocates pinned host memory, which all devices can access. When the arena closes, the device's
     * work is waited for and the memory freed.
     *
     * @param device the device that is asked for it
     * @param arena owns the memory
     * @param bytes how many, at least 0
     * @return the memory
     */
    public static MemorySegment allocatePinned(int device, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, bytes, dropfuse_h::dropfuse_cuda_host_allocate,
                dropfuse_h::dropfuse_cuda_host_free);
    }

    /**
     * Allocates memory of a device in the order of a stream. When the arena closes, it is freed in
     * that order; nothing is waited for.
     *
     * @param device which device
     * @param stream one of its streams, which has to live longer; NULL for the default one
     * @param arena owns the memory
     * @param bytes how many, at least 0
     * @return a segment of size 0 with the memory's address and the arena's scope
     */
    static MemorySegment allocateOnStream(
            int device, MemorySegment stream, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, 0,
                (of, size, slot) ->
                        dropfuse_h.dropfuse_cuda_scratch_allocate(of, stream, size, slot),
                (of, memory) -> dropfuse_h.dropfuse_cuda_scratch_free(of, stream, memory));
    }

    private static MemorySegment owned(
            int device, Arena arena, long bytes, long visible, Allocate allocate, Free free) {
        if (bytes == 0) {
            return MemorySegment.NULL.reinterpret(0, arena, null);
        }
        // Closed arenas and other threads' are found before anything is allocated.
        arena.allocate(0);
        MemorySegment memory;
        try (Arena local = Arena.ofConfined()) {
            MemorySegment slot = local.allocate(ValueLayout.ADDRESS);
            CudaDriver.check("dropfuse_cuda_allocate", allocate.call(device, bytes, slot));
            memory = slot.get(ValueLayout.ADDRESS, 0);
        }
        try {
            return memory.reinterpret(
                    visible,
                    arena,
                    freed -> CudaDriver.check("dropfuse_cuda_free", free.call(device, freed)));
        } catch (RuntimeException | Error e) {
            free.call(device, memory);
            throw e;
        }
    }

    /**
     * Copies memory in the order of a stream.
     *
     * @param device a device that can access both sides
     * @param stream one of its streams; NULL for the default one
     * @param from what to copy
     * @param fromLocation where that is
     * @param to where to copy to
     * @param toLocation where that is
     * @param bytes how many
     * @param wait whether to return when the copy is done
     */
    public static void copy(
            int device,
            MemorySegment stream,
            MemorySegment from,
            Location fromLocation,
            MemorySegment to,
            Location toLocation,
            long bytes,
            boolean wait) {
        reachable("source", fromLocation, device);
        reachable("target", toLocation, device);
        if (bytes == 0) {
            return;
        }
        if (toLocation == Location.HOST && !to.isNative()) {
            refuseHeap("target", wait);
            throughHost(device, stream, from, fromLocation, to, bytes, false);
        } else if (fromLocation == Location.HOST && !from.isNative()) {
            refuseHeap("source", wait);
            throughHost(device, stream, to, toLocation, from, bytes, true);
        } else {
            int kind =
                    toLocation == Location.HOST
                            ? dropfuse_h.DROPFUSE_CUDA_TO_HOST()
                            : fromLocation == Location.HOST
                                    ? dropfuse_h.DROPFUSE_CUDA_TO_DEVICE()
                                    : kind(fromLocation, toLocation);
            CudaDriver.check(
                    "dropfuse_cuda_copy",
                    dropfuse_h.dropfuse_cuda_copy(
                            device, kind, to, from, bytes, stream, wait ? 1 : 0));
        }
    }

    private static int kind(Location from, Location to) {
        return from.isHost() == to.isHost()
                ? dropfuse_h.DROPFUSE_CUDA_ON_DEVICE()
                : to.isHost()
                        ? dropfuse_h.DROPFUSE_CUDA_TO_HOST()
                        : dropfuse_h.DROPFUSE_CUDA_TO_DEVICE();
    }

    private static void reachable(String name, Location location, int device) {
        if (location != Location.HOST && !CudaLocation.accessible(location, device)) {
            throw new IllegalArgumentException(
                    name + " is in " + location + ", which cuda:" + device + " cannot access");
        }
    }

    private static void refuseHeap(String name, boolean wait) {
        if (!wait) {
            throw new IllegalArgumentException(
                    name + " is a heap array, a copy on a stream needs memory off the heap");
        }
    }

    private static void throughHost(
            int device,
            MemorySegment stream,
            MemorySegment far,
            Location farLocation,
            MemorySegment heap,
            long bytes,
            boolean outward) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(bytes, STAGING), 64);
            MemorySegment whole = farLocation.isHost() ? far : far.reinterpret(bytes);
            for (long at = 0, n; at < bytes; at += n) {
                n = Math.min(STAGING, bytes - at);
                MemorySegment part = whole.asSlice(at, n);
                if (outward) {
                    MemorySegment.copy(heap, at, buffer, 0, n);
                    copy(device, stream, buffer, Location.HOST, part, farLocation, n, true);
                } else {
                    copy(device, stream, part, farLocation, buffer, Location.HOST, n, true);
                    MemorySegment.copy(buffer, 0, heap, at, n);
                }
            }
        }
    }
}
