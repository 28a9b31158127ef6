package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_cuda_properties;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Devices, streams and events, each call with its check. Handles live as long as an arena. */
public final class CudaHandles {
    private CudaHandles() {}

    /**
     * What a device is.
     *
     * @param name its name
     * @param major its compute capability's first number
     * @param minor its compute capability's second number
     * @param multiprocessors how many it has
     * @param memory its bytes
     */
    public record Properties(
            String name, int major, int minor, int multiprocessors, long memory) {}

    @FunctionalInterface
    private interface Create {
        int call(int device, MemorySegment slot);
    }

    @FunctionalInterface
    private interface Destroy {
        int call(int device, MemorySegment handle);
    }

    /**
     * The number of devices.
     *
     * @return at least 1
     */
    public static int deviceCount() {
        CudaDriver.require();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            check("dropfuse_cuda_device_count", dropfuse_h.dropfuse_cuda_device_count(count));
            return count.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /**
     * The driver's version.
     *
     * @return 1000 times the major plus 10 times the minor number
     */
    public static int driverVersion() {
        CudaDriver.require();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
            check("dropfuse_cuda_driver_version", dropfuse_h.dropfuse_cuda_driver_version(version));
            return version.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /**
     * A device's properties.
     *
     * @param device which device
     * @return what the driver says of it
     */
    public static Properties properties(int device) {
        CudaDriver.require();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment p = dropfuse_cuda_properties.allocate(arena);
            check(
                    "dropfuse_cuda_device_properties",
                    dropfuse_h.dropfuse_cuda_device_properties(device, p));
            return new Properties(
                    dropfuse_cuda_properties.name(p).getString(0),
                    dropfuse_cuda_properties.major(p),
                    dropfuse_cuda_properties.minor(p),
                    dropfuse_cuda_properties.multiprocessors(p),
                    dropfuse_cuda_properties.memory(p));
        }
    }

    /**
     * Waits for everything that has been asked of a device.
     *
     * @param device which device
     */
    public static void synchronize(int device) {
        check("dropfuse_cuda_synchronize", dropfuse_h.dropfuse_cuda_synchronize(device));
    }

    /**
     * Makes a stream.
     *
     * @param device of which device
     * @param arena destroys it
     * @return the handle
     */
    public static MemorySegment createStream(int device, Arena arena) {
        return create(
                "dropfuse_cuda_stream_create", device, arena,
                dropfuse_h::dropfuse_cuda_stream_create, dropfuse_h::dropfuse_cuda_stream_destroy);
    }

    /**
     * Makes an event.
     *
     * @param device of which device
     * @param arena destroys it
     * @return the handle
     */
    public static MemorySegment createEvent(int device, Arena arena) {
        return create(
                "dropfuse_cuda_event_create", device, arena,
                dropfuse_h::dropfuse_cuda_event_create, dropfuse_h::dropfuse_cuda_event_destroy);
    }

    private static MemorySegment create(
            String function, int device, Arena arena, Create create, Destroy destroy) {
        try (Arena local = Arena.ofConfined()) {
            MemorySegment slot = local.allocate(ValueLayout.ADDRESS);
            check(function, create.call(device, slot));
            return slot.get(ValueLayout.ADDRESS, 0)
                    .reinterpret(
                            0,
                            arena,
                            handle ->
                                    check(
                                            function.replace("create", "destroy"),
                                            destroy.call(device, handle)));
        }
    }

    /**
     * Waits for a stream.
     *
     * @param device whose stream
     * @param stream the stream
     */
    public static void synchronizeStream(int device, MemorySegment stream) {
        check(
                "dropfuse_cuda_stream_synchronize",
                dropfuse_h.dropfuse_cuda_stream_synchronize(device, stream));
    }

    /**
     * Whether a stream has done everything.
     *
     * @param device whose stream
     * @param stream the stream
     * @return true if nothing is left
     */
    public static boolean streamDone(int device, MemorySegment stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment done = arena.allocate(ValueLayout.JAVA_INT);
            check(
                    "dropfuse_cuda_stream_query",
                    dropfuse_h.dropfuse_cuda_stream_query(device, stream, done));
            return done.get(ValueLayout.JAVA_INT, 0) != 0;
        }
    }

    /**
     * Lets what follows on a stream wait for an event.
     *
     * @param device whose stream
     * @param stream the stream
     * @param event the event
     */
    public static void streamWait(int device, MemorySegment stream, MemorySegment event) {
        check(
                "dropfuse_cuda_stream_wait",
                dropfuse_h.dropfuse_cuda_stream_wait(device, stream, event));
    }

    /**
     * Records an event on a stream.
     *
     * @param device whose stream
     * @param event the event
     * @param stream the stream
     */
    public static void record(int device, MemorySegment event, MemorySegment stream) {
        check(
                "dropfuse_cuda_event_record",
                dropfuse_h.dropfuse_cuda_event_record(device, event, stream));
    }

    /**
     * Waits for an event.
     *
     * @param device whose event
     * @param event the event
     */
    public static void synchronizeEvent(int device, MemorySegment event) {
        check(
                "dropfuse_cuda_event_synchronize",
                dropfuse_h.dropfuse_cuda_event_synchronize(device, event));
    }

    /**
     * Whether the work before an event's record is done.
     *
     * @param device whose event
     * @param event the event
     * @return true if it is, or if nothing was recorded
     */
    public static boolean eventDone(int device, MemorySegment event) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment done = arena.allocate(ValueLayout.JAVA_INT);
            check(
                    "dropfuse_cuda_event_query",
                    dropfuse_h.dropfuse_cuda_event_query(device, event, done));
            return done.get(ValueLayout.JAVA_INT, 0) != 0;
        }
    }

    /**
     * The time between two events that are done.
     *
     * @param device whose events
     * @param from the earlier one
     * @param to the later one
     * @return milliseconds
     */
    public static float elapsed(int device, MemorySegment from, MemorySegment to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(ValueLayout.JAVA_FLOAT);
            check(
                    "dropfuse_cuda_event_elapsed",
                    dropfuse_h.dropfuse_cuda_event_elapsed(device, from, to, time));
            return time.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }

    private static void check(String function, int status) {
        CudaDriver.check(function, status);
    }
}
