package io.github.dropfuse.cuda;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.kernel.CudaHandles;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A point in the work of a stream, to wait for and to measure time between. Thread-safe. Using a
 * closed event throws {@link IllegalStateException}, as does closing one that a call is using.
 */
public final class CudaEvent implements AutoCloseable {
    private final CudaDevice device;
    private final CudaHandle handle;

    CudaEvent(CudaDevice device) {
        this.device = device;
        this.handle = new CudaHandle(arena -> CudaHandles.createEvent(device.index(), arena));
    }

    /**
     * The device on whose streams this event can be recorded.
     *
     * @return the device
     */
    public CudaDevice device() {
        return device;
    }

    /**
     * The driver's handle, for other libraries.
     *
     * @return a {@code CUevent}, alive until this event is closed
     */
    public MemorySegment handle() {
        return handle.get();
    }

    /**
     * Puts this event behind all work that was asked of a stream, in place of its last record.
     *
     * @param stream a stream of the same device
     * @throws IllegalArgumentException if the stream is of another device
     * @throws DropfuseException if the driver fails
     */
    public void record(CudaStream stream) {
        if (!Objects.requireNonNull(stream, "stream").device().equals(device)) {
            throw new IllegalArgumentException(
                    "stream is of " + stream.device() + ", allowed is the event's " + device);
        }
        CudaHandles.record(device.index(), handle(), stream.handle());
    }

    /**
     * Puts this event behind all work that was asked of the device's default stream.
     *
     * @throws DropfuseException if the driver fails
     */
    public void record() {
        CudaHandles.record(device.index(), handle(), MemorySegment.NULL);
    }

    /**
     * Waits until the work before the last record is done.
     *
     * @throws DropfuseException if the driver or some of that work failed
     */
    public void synchronize() {
        CudaHandles.synchronizeEvent(device.index(), handle());
    }

    /**
     * Whether the work before the last record is done.
     *
     * @return true if it is, or if nothing was recorded
     * @throws DropfuseException if the driver or some of that work failed
     */
    public boolean isDone() {
        return CudaHandles.eventDone(device.index(), handle());
    }

    /**
     * The time from an earlier event to this one, as the device measured it.
     *
     * @param earlier an event of the same device
     * @return milliseconds
     * @throws DropfuseException if one was not recorded or is not done, or the driver fails
     */
    public double millisecondsSince(CudaEvent earlier) {
        Objects.requireNonNull(earlier, "earlier");
        return CudaHandles.elapsed(device.index(), earlier.handle(), handle());
    }

    /** Gives the event back to the driver. A second call does nothing. */
    @Override
    public void close() {
        handle.close();
    }
}
