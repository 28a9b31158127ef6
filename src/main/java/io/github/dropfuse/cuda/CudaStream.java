package io.github.dropfuse.cuda;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.CudaHandles;
import io.github.dropfuse.kernel.CudaMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * Work for a device, done in the order in which it was asked for. Calls return before the work is
 * done; errors of the work are thrown by a later call. Thread-safe. Using a closed stream throws
 * {@link IllegalStateException}, as does closing one that a call is using.
 */
public final class CudaStream implements AutoCloseable {
    private final CudaDevice device;
    private final CudaHandle handle;

    CudaStream(CudaDevice device) {
        this.device = device;
        this.handle = new CudaHandle(arena -> CudaHandles.createStream(device.index(), arena));
    }

    CudaStream(CudaDevice device, MemorySegment foreign) {
        this.device = device;
        this.handle = new CudaHandle(arena -> foreign);
    }

    /**
     * The device that does the work.
     *
     * @return the device
     */
    public CudaDevice device() {
        return device;
    }

    /**
     * The driver's handle, for other libraries.
     *
     * @return a {@code CUstream}, alive until this stream is closed
     */
    public MemorySegment handle() {
        return handle.get();
    }

    /**
     * Copies all elements of a tensor to another one, of which each is in this device's, pinned or
     * host memory off the heap. Both have to stay alive until the copy is done, unless their memory is
     * this device's or pinned.
     *
     * @param from what to copy
     * @param to a tensor of the same type and shape, in other memory
     * @throws IllegalArgumentException if type or shape differ, one is out of reach or on the heap, or
     *     the target is read-only
     * @throws DropfuseException if the driver fails
     */
    public void copy(Tensor from, Tensor to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        if (from.dtype() != to.dtype() || !from.hasShapeOf(to)) {
            throw new IllegalArgumentException(
                    "target is " + to.dtype() + " " + Arrays.toString(to.shape())
                            + ", allowed is the source's " + from.dtype() + " "
                            + Arrays.toString(from.shape()));
        }
        if (to.address().isReadOnly()) {
            throw new IllegalArgumentException("target is read-only, it has to be writable");
        }
        CudaMemory.copy(
                device.index(), handle(), from.address(), from.location(), to.address(),
                to.location(), from.byteSize(), false);
    }

    /**
     * Copies all decisions of a mask to another one, under the conditions of {@link #copy(Tensor,
     * Tensor)}.
     *
     * @param from what to copy
     * @param to a mask of as many units, in other memory
     * @throws IllegalArgumentException if the numbers of units differ, one is out of reach or on the
     *     heap, or the target is read-only
     * @throws DropfuseException if the driver fails
     */
    public void copy(Mask from, Mask to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        if (from.units() != to.units()) {
            throw new IllegalArgumentException(
                    "target has " + to.units() + " units, allowed is the source's " + from.units());
        }
        if (to.address().isReadOnly()) {
            throw new IllegalArgumentException("target is read-only, it has to be writable");
        }
        CudaMemory.copy(
                device.index(), handle(), from.address(), from.location(), to.address(),
                to.location(), (from.units() + 7) / 8, false);
    }

    /**
     * Lets everything that is asked of this stream from now on wait for an event.
     *
     * @param event one that has been recorded, on any stream
     * @throws DropfuseException if the driver fails
     */
    public void await(CudaEvent event) {
        Objects.requireNonNull(event, "event");
        CudaHandles.streamWait(device.index(), handle(), event.handle());
    }

    /**
     * Waits until everything that was asked of this stream is done.
     *
     * @throws DropfuseException if the driver or some of that work failed
     */
    public void synchronize() {
        CudaHandles.synchronizeStream(device.index(), handle());
    }

    /**
     * Whether everything that was asked of this stream is done.
     *
     * @return true if nothing is left
     * @throws DropfuseException if the driver or some of the work failed
     */
    public boolean isDone() {
        return CudaHandles.streamDone(device.index(), handle());
    }

    /**
     * Gives the stream back to the driver, which finishes what was asked of it. A second call does
     * nothing, nor does closing another library's stream.
     */
    @Override
    public void close() {
        handle.close();
    }
}
