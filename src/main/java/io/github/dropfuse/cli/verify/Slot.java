package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Operand;
import java.util.Arrays;

/**
 * Memory that a verified call reads or writes.
 *
 * @param name what the call and messages know it by
 * @param dtype type of the elements; null for bytes, such as a packed mask's
 * @param shape extents
 * @param use what the call does with it
 * @param replaces the input whose memory this output takes; null for memory of its own
 * @param operand how it is cut when x is; null where each part has it as a whole
 * @param units how many decisions a packed mask has; 0 for what is none
 */
record Slot(
        String name,
        DType dtype,
        long[] shape,
        Use use,
        String replaces,
        Operand operand,
        long units) {
    /** What happens to the memory. */
    enum Use {
        /** It is read. */
        READ,
        /** All of it is written. */
        WRITTEN,
        /** Some of it is written, or it is added to. */
        CHANGED
    }

    /** Memory of its own that is not cut. */
    static Slot of(String name, DType dtype, Use use, long... shape) {
        return new Slot(name, dtype, shape, use, null, null, 0);
    }

    /** Bytes with a bit for each of some units. */
    static Slot bits(String name, Use use, long units) {
        return new Slot(name, null, new long[] {(units + 7) / 8}, use, null, null, units);
    }

    /** What belongs to a part of a call of some shape. */
    Box part(Box box, long[] whole) {
        return operand == null ? Box.of(shape) : box.of(operand, shape, whole);
    }

    /** Bytes of an element. */
    int width() {
        return dtype == null ? 1 : dtype.byteSize();
    }

    long byteSize() {
        return Shapes.product(shape) * width();
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape) + (replaces == null ? "" : " in place of " + replaces);
    }
}
