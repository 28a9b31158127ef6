package io.github.dropfuse.kernel;

import io.github.dropfuse.Location;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory of devices and pinned memory, owned by arenas, and copies. A device's memory is a segment
 * of size 0 with its address and the arena's scope.
 */
public final class CudaMemory {
    /** Heap arrays are copied through a buffer of this size, as the driver cannot see them. */
    private static final long STAGING = 1 << 20;

    private CudaMemory() {}

    private interface Allocate {
        int call(int device, long bytes, MemorySegment result);
    }

    private interface Free {
        int call(int device, MemorySegment memory);
    }

    /**
     * Allocates memory of a device. When the arena closes, the device's work is waited for and the
     * memory freed.
     */
    public static MemorySegment allocate(int device, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, 0, dropfuse_h::dropfuse_cuda_allocate,
                dropfuse_h::dropfuse_cuda_free);
    }

    /** Allocates pinned host memory, which all devices can access, and frees it likewise. */
    public static MemorySegment allocatePinned(int device, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, bytes, dropfuse_h::dropfuse_cuda_host_allocate,
                dropfuse_h::dropfuse_cuda_host_free);
    }

    /**
     * Allocates memory of a device in the order of a stream, NULL for the default one. When the
     * arena closes, it is freed in that order and nothing is waited for, unless the stream has been
     * closed.
     */
    static MemorySegment allocateOnStream(
            int device, MemorySegment stream, Arena arena, long bytes) {
        return owned(
                device, arena, bytes, 0,
                (of, size, result) ->
                        dropfuse_h.dropfuse_cuda_scratch_allocate(of, stream, size, result),
                (of, memory) -> {
                    try {
                        return dropfuse_h.dropfuse_cuda_scratch_free(of, stream, memory);
                    } catch (IllegalStateException closed) {
                        return dropfuse_h.dropfuse_cuda_free(of, memory);
                    }
                });
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
            MemorySegment result = local.allocate(ValueLayout.ADDRESS);
            CudaDriver.check("dropfuse_cuda_allocate", allocate.call(device, bytes, result));
            memory = result.get(ValueLayout.ADDRESS, 0);
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
     * Copies memory in the order of a stream, NULL for the default one.
     *
     * @param device a device that can access both sides
     * @param wait whether to return when the copy is done; a heap array takes it
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
            Place.accessible(stream);
            Place.accessible(from);
            Place.accessible(to);
            return;
        }
        if (toLocation == Location.HOST && !to.isNative()) {
            refuseHeap("target", wait);
            throughHost(device, stream, from, fromLocation, to, bytes, false);
        } else if (fromLocation == Location.HOST && !from.isNative()) {
            refuseHeap("source", wait);
            throughHost(device, stream, to, toLocation, from, bytes, true);
        } else {
            CudaDriver.check(
                    "dropfuse_cuda_copy",
                    dropfuse_h.dropfuse_cuda_copy(
                            device, kind(fromLocation, toLocation), to, from, bytes, stream,
                            wait ? 1 : 0));
        }
    }

    private static int kind(Location from, Location to) {
        boolean toHost = to == Location.HOST || to.isHost() && !from.isHost();
        boolean toDevice = from == Location.HOST || from.isHost() && !to.isHost();
        return toHost
                ? dropfuse_h.DROPFUSE_CUDA_TO_HOST()
                : toDevice
                        ? dropfuse_h.DROPFUSE_CUDA_TO_DEVICE()
                        : dropfuse_h.DROPFUSE_CUDA_ON_DEVICE();
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
            MemorySegment memory,
            Location location,
            MemorySegment heap,
            long bytes,
            boolean fromHeap) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(bytes, STAGING), 64);
            MemorySegment whole = location.isHost() ? memory : memory.reinterpret(bytes);
            for (long at = 0, n; at < bytes; at += n) {
                n = Math.min(STAGING, bytes - at);
                MemorySegment part = whole.asSlice(at, n);
                if (fromHeap) {
                    MemorySegment.copy(heap, at, buffer, 0, n);
                    copy(device, stream, buffer, Location.HOST, part, location, n, true);
                } else {
                    copy(device, stream, part, location, buffer, Location.HOST, n, true);
                    MemorySegment.copy(buffer, 0, heap, at, n);
                }
            }
        }
    }
}
