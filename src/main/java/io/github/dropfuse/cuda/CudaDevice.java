package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.CudaHandles;
import io.github.dropfuse.kernel.CudaLocation;
import io.github.dropfuse.kernel.CudaMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A device, and the memory it can access. Thread-safe.
 *
 * <p>Memory is allocated for an {@link Arena} and freed with it: closing waits for everything that has
 * been asked of the device, as a stream may still use the memory, and then frees it. That holds for
 * confined, shared and automatic arenas. Host memory that is not pinned has to stay alive until a
 * copy on a stream is done.
 */
public final class CudaDevice {
    private final int index;
    private final CudaHandles.Properties properties;
    private final Location location;

    CudaDevice(int index) {
        this.index = index;
        this.properties = CudaHandles.properties(index);
        this.location = CudaLocation.device(index);
    }

    /**
     * The device's place in the driver's order.
     *
     * @return at least 0
     */
    public int index() {
        return index;
    }

    /**
     * The device's name.
     *
     * @return such as {@code NVIDIA H100 80GB HBM3}
     */
    public String name() {
        return properties.name();
    }

    /**
     * The compute capability.
     *
     * @return such as {@code 9.0}
     */
    public String computeCapability() {
        return properties.major() + "." + properties.minor();
    }

    /**
     * The number of multiprocessors.
     *
     * @return at least 1
     */
    public int multiprocessors() {
        return properties.multiprocessors();
    }

    /**
     * The size of the device's memory.
     *
     * @return bytes
     */
    public long memory() {
        return properties.memory();
    }

    /**
     * Where this device's tensors live.
     *
     * @return the location of its memory
     */
    public Location location() {
        return location;
    }

    /**
     * Allocates a tensor in the device's memory; its elements are undefined.
     *
     * @param arena owns the memory
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return a tensor that the host cannot access
     * @throws IllegalArgumentException if an extent is negative or the size passes 2^63 - 1 bytes
     * @throws DropfuseException if the driver fails, such as for lack of memory
     */
    public Tensor allocate(Arena arena, DType dtype, long... shape) {
        Objects.requireNonNull(arena, "arena");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        long bytes = Tensor.at(location, MemorySegment.NULL, dtype, extents).byteSize();
        return Tensor.at(location, CudaMemory.allocate(index, arena, bytes), dtype, extents);
    }

    /**
     * Allocates a tensor in pinned host memory; its elements are undefined. It is a tensor like any
     * other on the host, devices access it without a copy being made, and copies from and to it on a
     * stream leave the host free.
     *
     * @param arena owns the memory
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return a tensor that host and devices can access
     * @throws IllegalArgumentException if an extent is negative or the size passes 2^63 - 1 bytes
     * @throws DropfuseException if the driver fails, such as for lack of memory
     */
    public Tensor allocatePinned(Arena arena, DType dtype, long... shape) {
        Objects.requireNonNull(arena, "arena");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        long bytes = Tensor.at(location, MemorySegment.NULL, dtype, extents).byteSize();
        MemorySegment memory = CudaMemory.allocatePinned(index, arena, bytes);
        return Tensor.at(CudaLocation.pinned(index), memory, dtype, extents);
    }

    /**
     * Allocates a mask in the device's memory; its decisions are undefined.
     *
     * @param arena owns the memory
     * @param units the number of units, at least 0
     * @return a mask that the host cannot access
     * @throws IllegalArgumentException if {@code units} is negative
     * @throws DropfuseException if the driver fails, such as for lack of memory
     */
    public Mask allocateMask(Arena arena, long units) {
        Objects.requireNonNull(arena, "arena");
        Mask.at(location, MemorySegment.NULL, units);
        MemorySegment memory = CudaMemory.allocate(index, arena, (units + 7) / 8);
        return Mask.at(location, memory, units);
    }

    /**
     * A view of device memory that another library has allocated.
     *
     * @param memory the address of the first element, in a segment of size 0 whose scope is as long
     *     alive as the memory
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return a tensor that shares the memory
     * @throws IllegalArgumentException if an extent is negative, or the segment's size is not 0
     */
    public Tensor view(MemorySegment memory, DType dtype, long... shape) {
        return Tensor.at(location, memory, dtype, shape);
    }

    /**
     * Makes a stream. It is in order with the device's default stream, which layers and copies without
     * a stream use, and runs beside all other streams.
     *
     * @return a stream, to be closed
     * @throws DropfuseException if the driver fails
     */
    public CudaStream createStream() {
        return new CudaStream(this);
    }

    /**
     * A stream that another library has made on this device, for work in its order. Closing it does
     * nothing to the library's stream.
     *
     * @param handle the library's {@code CUstream}, or {@code cudaStream_t}, which has to stay alive
     *     as long as this view of it is used; 0 is the device's default stream
     * @return the stream
     */
    public CudaStream stream(long handle) {
        return new CudaStream(this, MemorySegment.ofAddress(handle));
    }

    /**
     * Makes an event.
     *
     * @return an event, to be closed
     * @throws DropfuseException if the driver fails
     */
    public CudaEvent createEvent() {
        return new CudaEvent(this);
    }

    /**
     * Waits for everything that has been asked of this device.
     *
     * @throws DropfuseException if the driver or some of that work failed
     */
    public void synchronize() {
        CudaHandles.synchronize(index);
    }

    /** Whether the other object is the same device. */
    @Override
    public boolean equals(Object other) {
        return other instanceof CudaDevice that && that.index == index;
    }

    /** By the device's index. */
    @Override
    public int hashCode() {
        return index;
    }

    /** Index, name and compute capability. */
    @Override
    public String toString() {
        return "cuda:" + index + " (" + name() + ", " + computeCapability() + ")";
    }
}
