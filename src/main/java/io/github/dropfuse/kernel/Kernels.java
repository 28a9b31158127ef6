package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import java.lang.foreign.Arena;
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
    /** Rows that are summed one after the other, before their sums are added in a tree. */
    long SUM_ROWS = 64;

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
     * Keeps or drops the units of some elements, for layers whose dropped value is not 0: {@code
     * y[e] = keep(unit(e)) ? fma(x[e], scale, shift) : dropped} for e in [first, first + count).
     * The three constants are rounded once to the compute type; the fused multiply-add rounds once.
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
     * @param shift what is added to them
     * @param dropped what dropped elements become
     */
    void affine(
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
            double scale,
            double shift,
            double dropped);

    /**
     * Adds a branch, some units of which are dropped, to a residual: {@code y[e] = keep(unit(e)) ?
     * residual[e] + (x[e] op vector[e % length]) * scale : residual[e]} for e in [first, first +
     * count). Each operation rounds once to the compute type, the result once to y's. Dropped
     * elements are the residual's own bits, and in place not touched. Without a residual {@code y[e]
     * = keep(unit(e)) ? (x[e] op vector[e % length]) * scale : +0}.
     *
     * @param dtype type of x, vector, residual and y
     * @param x the whole branch
     * @param use what becomes of the vector
     * @param vector the vector; {@link MemorySegment#NULL} where it has no use
     * @param length elements of the vector, at least 1
     * @param residual the whole residual; {@link MemorySegment#NULL} for none
     * @param y the whole output, which may be x or the residual
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
    void residual(
            DType dtype,
            MemorySegment x,
            VectorUse use,
            MemorySegment vector,
            long length,
            MemorySegment residual,
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
     * Sums over rows, in blocks of {@link #SUM_ROWS}: {@code term(e) = keep(unit(e)) ? dy[e] * scale
     * * x[e] : 0}, multiplied from the left in the compute type. Column c of block b, which is row b
     * of the sums, is +0 plus the terms of the block's rows one after the other. {@link #sumTree}
     * adds the blocks. The order depends on nothing but the rows, so every backend gives the same
     * bits.
     *
     * @param dtype type of dy and x
     * @param dy the whole gradient
     * @param x the whole second factor; {@link MemorySegment#NULL} for 1
     * @param sums all blocks' sums in the compute type; those of the elements' blocks are written
     * @param first the first element, a multiple of {@code SUM_ROWS * length}
     * @param count the number of elements, a multiple of length
     * @param length elements of a row
     * @param run elements per unit in one stretch
     * @param cycle units in a cycle
     * @param repeat how often a cycle comes
     * @param mask {@link MemorySegment#NULL} to draw; else a packed mask whose bit unit(e) decides,
     *     and p, seed and offset are ignored
     * @param p probability that a unit is dropped
     * @param seed the generator's key
     * @param offset the number of the call
     * @param start unit of element 0, unsigned
     * @param scale factor of the terms, finite
     */
    void sumRows(
            DType dtype,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment sums,
            long first,
            long count,
            long length,
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
     * Adds blocks' sums in a tree, and rounds to y's type: for step = 1, 2, 4, …, row b of all b that
     * are multiples of {@code 2 * step} becomes row b + row (b + step), where there is one. Row 0 is
     * the result; +0 where there are no blocks.
     *
     * @param dtype type of y
     * @param sums what {@link #sumRows} made; changed
     * @param blocks the number of rows
     * @param length elements of a row
     * @param y receives the sums
     */
    void sumTree(DType dtype, MemorySegment sums, long blocks, long length, MemorySegment y);

    /**
     * Draws a packed mask from the sequence of MT19937: a unit's bit is 1 when the low bits of its
     * one or two outputs, the first one being the upper, are at or above a threshold, or else below.
     *
     * @param state 624 words, and how many of them have been put out; left behind the last unit
     * @param outputs outputs per unit, 1 or 2
     * @param bits how many low bits are compared, 1 to 32 per output
     * @param threshold what they are compared with, unsigned
     * @param above whether units are kept at or above the threshold, or below
     * @param count number of units
     * @param mask receives (count + 7) / 8 bytes
     */
    void mersenneMask(
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask);

    /**
     * Multiplies with a packed mask: {@code y[e] = (x[e] / divisor) * (bit unit(e) ? factor : 0)}
     * for e in [first, first + count), each operation rounded to the dtype.
     *
     * @param dtype type of x and y
     * @param x the whole input
     * @param y the whole output, which may be x
     * @param first the first element
     * @param count the number of elements
     * @param run elements per unit in one stretch
     * @param cycle units in a cycle
     * @param repeat how often a cycle comes
     * @param mask the packed mask
     * @param start unit of element 0
     * @param divisor what every value is divided by, already rounded to the compute type
     * @param factor factor of the kept values, rounded likewise
     */
    void product(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            long start,
            double divisor,
            double factor);

    /**
     * Adds or multiplies with standard normal numbers n, one for each element: {@code y[e] = x[e] +
     * sigma * n(start + e)}, or {@code y[e] = x[e] * (1 + sigma * n(start + e))}, for e in [first,
     * first + count). Each sum and the product in it is one fused multiply-add in the compute type.
     *
     * @param dtype type of x and y
     * @param x the whole input
     * @param y the whole output, which may be x
     * @param first the first element
     * @param count the number of elements
     * @param seed the generator's key
     * @param offset the number of the call
     * @param start unit of element 0, unsigned
     * @param multiply whether to multiply
     * @param sigma standard deviation
     */
    void normal(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long seed,
            long offset,
            long start,
            boolean multiply,
            double sigma);

    /**
     * Moves rows between a dense tensor and their places in a larger one. A sum is computed in the
     * compute type, product and sum each rounded once, and rounded once to the dtype.
     *
     * @param dtype type of x and y
     * @param move what is done
     * @param x the whole input
     * @param y the whole output, apart from the input
     * @param indices for each row of the dense tensor the row of the larger one; those of a scatter
     *     and of a scatter-add have to differ, as rows are moved in no order
     * @param first the first row of the dense tensor
     * @param count the number of its rows
     * @param length elements of a row, at least 1
     * @param scale factor of the rows; a scatter takes none
     */
    default void rows(
            DType dtype,
            RowMove move,
            MemorySegment x,
            MemorySegment y,
            long[] indices,
            long first,
            long count,
            long length,
            double scale) {
        RowMoves.apply(this, dtype, move, x, y, indices, first, count, length, scale);
    }

    /**
     * Makes a packed mask of positions of images from one of centres of blocks: a position is kept
     * when all centres are that cover it. A centre c covers the positions from c - (side - 1) / 2 to
     * c + side / 2 along each dimension, both divisions rounding down.
     *
     * @param centres the decisions on the centres, row-major over images and dimensions: whole words
     *     of 8 bytes, and one more
     * @param mask receives those on the positions, of the same kind of size
     * @param images number of images
     * @param spatial their two or three extents
     * @param side length of a block's sides
     * @param valid whether centres lie only where blocks lie within the image
     */
    default void blocks(
            MemorySegment centres,
            MemorySegment mask,
            long images,
            long[] spatial,
            int side,
            boolean valid) {
        BlockMasks.make(centres, mask, images, spatial, side, valid);
    }

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

    /**
     * Memory for what a call computes on the way, where these kernels compute. It is free again when
     * the arena is closed and the calls that were made before are done, which closing does not wait
     * for.
     *
     * @param arena owns the memory, for the time of the call
     * @param bytes how many, at least 0
     * @return memory for these kernels alone: of a device's, a segment of size 0
     */
    default MemorySegment scratch(Arena arena, long bytes) {
        return arena.allocate(bytes, 64);
    }

    /**
     * The kind of memory that {@link #allocate} and {@link #scratch} give.
     *
     * @return the host's, or a device's
     */
    default Location location() {
        return Location.HOST;
    }

    /**
     * Memory where these kernels compute, for what lives as long as an arena.
     *
     * @param arena owns the memory
     * @param bytes how many, at least 0
     * @return the memory; of a device's, a segment of size 0
     */
    default MemorySegment allocate(Arena arena, long bytes) {
        return arena.allocate(bytes, 64);
    }

    /**
     * What is in host memory, where these kernels can read it. A device is given a copy, which is
     * waited for.
     *
     * @param arena owns the copy, for the time of a call
     * @param near the memory
     * @return the same memory, or a copy
     */
    default MemorySegment readable(Arena arena, MemorySegment near) {
        return near;
    }
}
