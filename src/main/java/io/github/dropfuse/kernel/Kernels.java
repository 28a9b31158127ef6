package io.github.dropfuse.kernel;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The primitives, as they are computed in one place. They know memory and units, but no layers and
 * no threads.
 *
 * <p>Arguments are taken to be checked: memory is accessible, operands agree in type and size, an
 * output is an input or apart from it, {@code p} is in [0, 1]. A source is a {@link
 * io.github.dropfuse.PhiloxState}, or a {@link Mask}, whose bit unit(e) decides. A layout has one
 * part. A range is of elements unless it is said otherwise, and counts from the tensors' first.
 */
public interface Kernels {
    /** Rows that are summed one after the other, before their sums are added in a tree. */
    long SUM_ROWS = 64;

    /**
     * Where these kernels compute.
     *
     * @return the place
     */
    Place place();

    /**
     * Packs decisions: bit e of the mask is keep(unit(e)), for e in the range. Bits past the
     * range's last one in its last byte become 0.
     *
     * @param p probability that a unit is dropped; ignored with a mask as the source
     * @param source what decides; a mask that is read is apart from the one that is written
     * @param layout the units
     * @param mask receives the decisions
     * @param range bits of the mask; the first one is a multiple of 8
     */
    void mask(double p, MaskSource source, Layout layout, Mask mask, Range range);

    /**
     * Applies an effect to elements; see {@link Effect.Form}. Each operation rounds once to the
     * compute type unless the form says otherwise, the result once to y's type. In place on the
     * second operand, dropped elements of a branch are not touched.
     *
     * @param effect what becomes of kept and dropped elements
     * @param source what decides, or what numbers are drawn from
     * @param layout the units
     * @param x input; null where a form can do without
     * @param vector one value for each position of the last dimension; null where the form has none
     * @param second what a branch is added to, or the previous state; null for none
     * @param y output, which may be x or the second operand
     * @param range elements of x and y
     */
    void apply(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y,
            Range range);

    /**
     * Sums over rows, in blocks of {@link #SUM_ROWS}: {@code term(e) = keep(unit(e)) ? dy[e] *
     * scale * x[e] : 0}, multiplied from the left in the compute type. Column c of block b, which
     * is row b of the sums, is +0 plus the terms of the block's rows one after the other. {@link
     * #sumTree} adds the blocks. The order depends on nothing but the rows, so every place gives
     * the same bits.
     *
     * @param effect its p and scale are used
     * @param source what decides
     * @param layout the units
     * @param dy the gradient
     * @param x the second factor; null for 1
     * @param sums (blocks, row) in the compute type; rows of the range's blocks are written
     * @param range elements of dy: the first is a multiple of {@code SUM_ROWS} rows, the count one
     *     of whole rows
     */
    void sumRows(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor dy,
            Tensor x,
            Tensor sums,
            Range range);

    /**
     * Adds blocks' sums in a tree, and rounds to y's type: for step = 1, 2, 4, …, row b of all b
     * that are multiples of {@code 2 * step} becomes row b + row (b + step), where there is one.
     * Row 0 is the result; +0 where there are no blocks.
     *
     * @param sums what {@link #sumRows} made, (blocks, row); changed
     * @param y receives the sums, one row
     */
    void sumTree(Tensor sums, Tensor y);

    /**
     * Draws a packed mask from the sequence of MT19937: a unit's bit is 1 when the low bits of its
     * one or two outputs, the first one being the upper, are at or above a threshold, or else
     * below. It is always drawn by the host.
     *
     * @param state 624 words, and how many of them have been put out; left behind the last unit
     * @param outputs outputs per unit, 1 or 2
     * @param bits how many low bits are compared, 1 to 32 per output
     * @param threshold what they are compared with, unsigned
     * @param above whether units are kept at or above the threshold, or below
     * @param mask receives the decisions, in host memory
     */
    void mersenneMask(
            MemorySegment state, int outputs, int bits, long threshold, boolean above, Mask mask);

    /**
     * Moves rows between a dense tensor and their places in a larger one. A sum is computed in the
     * compute type, product and sum each rounded once, and rounded once to the type.
     *
     * @param move what is done
     * @param scale factor of the rows; a scatter takes none
     * @param indices for each row of the dense tensor the row of the larger one, 64-bit numbers
     *     where kernels can read them; those of a scatter and of a scatter-add have to differ
     * @param x input (rows, length)
     * @param y output (rows, length), apart from the input
     * @param range rows of the dense tensor
     */
    void rows(
            RowMove move, double scale, MemorySegment indices, Tensor x, Tensor y, Range range);

    /**
     * Packs decisions on the positions of images from those on centres of blocks: a position is
     * kept when all centres are that cover it. A centre c covers the positions from c - (side - 1)
     * / 2 to c + side / 2 along each dimension, both divisions rounding down.
     *
     * @param shape images and blocks
     * @param centres packed decisions on the centres, row-major over images and dimensions: whole
     *     words of 8 bytes
     * @param mask receives those on the positions, which begin at bit 0
     * @param range images; the first is a multiple of 8
     */
    void blocks(BlockShape shape, MemorySegment centres, Mask mask, Range range);
}
