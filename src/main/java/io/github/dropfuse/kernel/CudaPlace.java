package io.github.dropfuse.kernel;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A CUDA device and one of its streams. Everything here is done in the stream's order; closing the
 * stream is its owner's business.
 */
final class CudaPlace implements Place {
    private final int device;
    private final MemorySegment stream;
    private final Location location;
    private final String tier;

    /** A stream by its handle, whose scope is the stream's; NULL for the device's default one. */
    CudaPlace(int device, MemorySegment stream) {
        CudaHandles.Properties properties = CudaHandles.properties(device);
        this.device = device;
        this.stream = stream;
        this.location = CudaLocation.device(device);
        this.tier = "sm_" + properties.major() + properties.minor();
    }

    @Override
    public String backend() {
        return "cuda";
    }

    @Override
    public String tier() {
        return tier;
    }

    @Override
    public Location location() {
        return location;
    }

    @Override
    public boolean accesses(Location where) {
        return CudaLocation.accessible(where, device);
    }

    @Override
    public void check() {
        Place.accessible(stream);
    }

    @Override
    public boolean splits() {
        return false;
    }

    @Override
    public MemorySegment allocate(Arena arena, long bytes) {
        return CudaMemory.allocate(device, arena, bytes);
    }

    @Override
    public MemorySegment scratch(Arena arena, long bytes) {
        return CudaMemory.allocateOnStream(device, stream, arena, bytes);
    }

    @Override
    public MemorySegment readable(Arena arena, MemorySegment host) {
        MemorySegment copy = scratch(arena, host.byteSize());
        CudaMemory.copy(
                device, stream, host, Location.HOST, copy, location, host.byteSize(), true);
        return copy;
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        if (x.size() > 0) {
            CudaDriver.check(
                    "dropfuse_cuda_copy",
                    dropfuse_h.dropfuse_cuda_copy(
                            device, dropfuse_h.DROPFUSE_CUDA_ON_DEVICE(), y.address(), x.address(),
                            x.byteSize(), stream, 0));
        }
    }

    @Override
    public void copy(Mask from, Mask to) {
        CudaMemory.copy(
                device, stream, from.address(), from.location(), to.address(), to.location(),
                (from.units() + 7) / 8, true);
    }
}
