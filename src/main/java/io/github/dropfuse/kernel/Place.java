package io.github.dropfuse.kernel;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where kernels compute: the host with an instruction set, or a device and one of its streams. */
public interface Place {
    /** Throws what FFM throws, which does not check segments of no bytes: a device's tensors. */
    static void accessible(MemorySegment segment) {
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("Already closed");
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("Attempted access outside owning thread");
        }
    }

    /** The backend's name, such as {@code reference} or {@code native}. */
    String backend();

    /**
     * The instruction set in use, such as {@code avx512}; {@code jit} for java, {@code java} for the
     * reference.
     */
    String tier();

    /** The kind of memory that {@link #allocate} and {@link #scratch} give. */
    default Location location() {
        return Location.HOST;
    }

    /** Whether kernels can read and write memory of some kind here. */
    default boolean accesses(Location location) {
        return location.isHost();
    }

    /**
     * Throws what a call would throw here that has elements, such as where a stream is closed: a
     * call without elements asks no kernel.
     */
    default void check() {}

    /** Whether to cut large calls into pieces for the host's threads: a device cuts by itself. */
    default boolean splits() {
        return true;
    }

    /** Memory for what lives as long as an arena; of a device's, a segment of size 0. */
    default MemorySegment allocate(Arena arena, long bytes) {
        return arena.allocate(bytes, 64);
    }

    /**
     * Temporary memory for the time of a call; of a device's, a segment of size 0. It is freed when
     * the arena closes: in the order of the stream, without waiting.
     */
    default MemorySegment scratch(Arena arena, long bytes) {
        return arena.allocate(bytes, 64);
    }

    /**
     * Makes host memory readable by kernels here, for the time of a call: the same memory, or for a
     * device a copy, which is waited for.
     */
    default MemorySegment readable(Arena arena, MemorySegment host) {
        return host;
    }

    /**
     * A view of a segment of the calling thread's that other threads may use while it waits for
     * them; null where there is none.
     */
    default MemorySegment shareable(MemorySegment segment) {
        return null;
    }

    /** Copies x to y, of the same type and shape, in the order of the stream. */
    default void copy(Tensor x, Tensor y) {
        NativeView.step(x.address(), 0, y.address(), 0, x.byteSize());
    }

    /**
     * Copies a mask to another of as many units, in the order of the stream, and waits: so the host
     * reads what kernels were asked to write before, and writes what they have read.
     */
    default void copy(Mask from, Mask to) {
        to.copyFrom(from);
    }
}
