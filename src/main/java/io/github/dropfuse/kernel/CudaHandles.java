package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_cuda_properties;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ToIntFunction;

/**
 * Devices by their index, streams and events by their handles: the calls of dropfuse.h, each with
 * its check. Handles live as long as an arena.
 */
public final class CudaHandles {
    private CudaHandles() {}

    /**
     * What the driver says of a device; its compute capability is major.minor, its memory in bytes.
     */
    public record Properties(
            String name, int major, int minor, int multiprocessors, long memory) {}

    private interface Create {
        int call(int device, MemorySegment result);
    }

    private interface Destroy {
        int call(int device, MemorySegment handle);
    }

    /** The number of devices, at least 1. */
    public static int deviceCount() {
        CudaDriver.require();
        return result("dropfuse_cuda_device_count", dropfuse_h::dropfuse_cuda_device_count);
    }

    /** The driver's version: 1000 times the major plus 10 times the minor number. */
    public static int driverVersion() {
        CudaDriver.require();
        return result("dropfuse_cuda_driver_version", dropfuse_h::dropfuse_cuda_driver_version);
    }

    /** A device's properties. */
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

    /** Waits for everything that has been asked of a device. */
    public static void synchronize(int device) {
        check("dropfuse_cuda_synchronize", dropfuse_h.dropfuse_cuda_synchronize(device));
    }

    /** Makes a stream, which the arena destroys. */
    public static MemorySegment createStream(int device, Arena arena) {
        return create(
                "dropfuse_cuda_stream_create", device, arena,
                dropfuse_h::dropfuse_cuda_stream_create, dropfuse_h::dropfuse_cuda_stream_destroy);
    }

    /** Makes an event, which the arena destroys. */
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

    /** Waits for a stream. */
    public static void synchronizeStream(int device, MemorySegment stream) {
        check(
                "dropfuse_cuda_stream_synchronize",
                dropfuse_h.dropfuse_cuda_stream_synchronize(device, stream));
    }

    /** Whether a stream has done everything. */
    public static boolean streamDone(int device, MemorySegment stream) {
        return 0
                != result(
                        "dropfuse_cuda_stream_query",
                        done -> dropfuse_h.dropfuse_cuda_stream_query(device, stream, done));
    }

    /** Lets what follows on a stream wait for an event. */
    public static void streamWait(int device, MemorySegment stream, MemorySegment event) {
        check(
                "dropfuse_cuda_stream_wait",
                dropfuse_h.dropfuse_cuda_stream_wait(device, stream, event));
    }

    /** Records an event on a stream. */
    public static void record(int device, MemorySegment event, MemorySegment stream) {
        check(
                "dropfuse_cuda_event_record",
                dropfuse_h.dropfuse_cuda_event_record(device, event, stream));
    }

    /** Waits for an event. */
    public static void synchronizeEvent(int device, MemorySegment event) {
        check(
                "dropfuse_cuda_event_synchronize",
                dropfuse_h.dropfuse_cuda_event_synchronize(device, event));
    }

    /** Whether the work before an event's record is done, or nothing was recorded. */
    public static boolean eventDone(int device, MemorySegment event) {
        return 0
                != result(
                        "dropfuse_cuda_event_query",
                        done -> dropfuse_h.dropfuse_cuda_event_query(device, event, done));
    }

    /** The time between two events that are done, in milliseconds. */
    public static float elapsed(int device, MemorySegment from, MemorySegment to) {
        int bits =
                result(
                        "dropfuse_cuda_event_elapsed",
                        time -> dropfuse_h.dropfuse_cuda_event_elapsed(device, from, to, time));
        return Float.intBitsToFloat(bits);
    }

    /** The 32 bits that a function writes. */
    private static int result(String function, ToIntFunction<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.JAVA_INT);
            check(function, call.applyAsInt(result));
            return result.get(ValueLayout.JAVA_INT, 0);
        }
    }

    private static void check(String function, int status) {
        CudaDriver.check(function, status);
    }
}
