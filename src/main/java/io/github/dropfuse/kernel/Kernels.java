package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import java.lang.foreign.MemorySegment;

/**
 * The primitives, as one backend computes them: single-threaded functions of memory ranges, units
 * and a draw. Layers, shapes and threads are not known here.
 *
 * <p>Arguments are taken to be checked: ranges within the segments, {@code x} and {@code y} the same
 * memory or apart, {@code p} in [0, 1].
 *
 * <p>A tensor's elements belong to units by three numbers, {@code run}, {@code cycle} and {@code
 * repeat}: units are runs of {@code run} elements, and each {@code cycle} of units comes {@code
 * repeat} times before the next units begin. With every division rounding down,
 *
 * <pre>unit(e) = start + e / (run * cycle * repeat) * cycle + e / run % cycle</pre>
 */
public interface Kernels {
    /**
     * The backend's name.
     *
     * @return such as {@code reference} or {@code native}
     */
    String backend();

    /**
     * The instruction set in use.
     *
     * @return such as {@code avx512}; {@code java} for the reference
     */
    String tier();

    /**
     * Draws a packed mask: bit {@code j}, from the least significant bit of byte 0 upward, is
     * keep({@code start + j}); bits past the last are 0.
     *
     * @param p probability that a unit is dropped
     * @param seed the generator's key
     * @param offset the number of the call
     * @param start index of the first unit, unsigned
     * @param count number of units
     * @param mask receives (count + 7) / 8 bytes from {@code byteOffset} on
     * @param byteOffset where the mask begins in its segment
     */
    void mask(
            double p,
            long seed,
            long offset,
            long start,
            long count,
            MemorySegment mask,
            long byteOffset);

    /**
     * Keeps or drops the units of some elements: {@code y[e] = keep(unit(e)) ? x[e] * scale : +0}
     * for e in [first, first + count).
     *
     * @param dtype type of x and y
     * @param x the whole input
     * @param y the whole output, which may be x
     * @param first the first element
     * @param count the number of elements
     * @param run elements per unit in one stretch
     * @param cycle units in a cycle
     * @param repeat how often a cycle comes
     * @param mask {@link MemorySegment#NULL} to draw; else a packed mask whose bit unit(e) decides,
     *     and p, seed and offset are ignored
     * @param p probability that a unit is dropped
     * @param seed the generator's key
     * @param offset the number of the call
     * @param start unit of element 0, unsigned
     * @param scale factor of the kept values
     */
    void drop(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale);

    /**
     * A view of a confined segment that other threads may use while its owner waits for them.
     *
     * @param segment memory that only the calling thread may access
     * @return the same memory without that bound, or null where this backend has no such view
     */
    MemorySegment shareable(MemorySegment segment);

    /**
     * Whether these kernels can read and write memory of some kind.
     *
     * @param location where a tensor or a mask lives
     * @return true if they can
     */
    default boolean accesses(Location location) {
        return location.isHost();
    }

    /**
     * Whether a large call is worth cutting into pieces for the host's threads.
     *
     * @return false where a device does that by itself
     */
    default boolean splits() {
        return true;
    }

    /**
     * Copies memory that these kernels can access.
     *
     * @param x what to copy
     * @param y where to
     * @param bytes how many
     */
    default void copy(MemorySegment x, MemorySegment y, long bytes) {
        MemorySegment.copy(x, 0, y, 0, bytes);
    }
}
