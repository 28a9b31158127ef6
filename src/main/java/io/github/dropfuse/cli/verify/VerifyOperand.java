package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.MersenneTwister;
import io.github.dropfuse.cli.common.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * Memory that a verified call reads or writes.
 *
 * @param name what the call and messages know it by
 * @param dtype type of the elements; null for bytes, such as a packed mask's
 * @param shape extents
 * @param use what the call does with it
 * @param place the input whose memory this output takes; null for memory of its own
 * @param cut whether shards of the call have their entries of the first dimension
 */
record VerifyOperand(
        String name, DType dtype, long[] shape, Use use, String place, boolean cut) {
    /** The name of packed masks that decide. */
    static final String MASK = "mask";

    /** What happens to the memory. */
    enum Use {
        /** It is read. */
        READ,
        /** All of it is written. */
        WRITTEN,
        /** Some of it is written, or it is added to. */
        CHANGED
    }

    static VerifyOperand input(String name, DType dtype, long... shape) {
        return new VerifyOperand(name, dtype, shape, Use.READ, null, true);
    }

    /** Read as a whole by each shard. */
    static VerifyOperand shared(String name, DType dtype, long... shape) {
        return new VerifyOperand(name, dtype, shape, Use.READ, null, false);
    }

    /** In the memory of an input, or where that is null in its own. */
    static VerifyOperand output(String name, String place, DType dtype, long... shape) {
        return new VerifyOperand(name, dtype, shape, Use.WRITTEN, place, true);
    }

    static VerifyOperand changed(String name, DType dtype, long... shape) {
        return new VerifyOperand(name, dtype, shape, Use.CHANGED, null, false);
    }

    /** An input x and an output y of the same shape. */
    static List<VerifyOperand> pair(DType dtype, long[] shape, boolean inPlace) {
        return List.of(input("x", dtype, shape), output("y", inPlace ? "x" : null, dtype, shape));
    }

    /** The bits of a mask that is drawn. */
    static VerifyOperand bits(long units) {
        return output("bits", null, null, (units + 7) / 8);
    }

    /** A stored mask that decides about the whole. */
    static VerifyOperand mask(long units) {
        return shared(MASK, null, (units + 7) / 8);
    }

    /** The words of a MT19937 generator behind the last shard, and how many were put out. */
    static VerifyOperand generator(String name) {
        long bytes = (MersenneTwister.WORDS + 1L) * Integer.BYTES;
        return new VerifyOperand(name, null, new long[] {bytes}, Use.WRITTEN, null, false);
    }

    long byteSize() {
        return Shapes.product(shape) * (dtype == null ? 1 : dtype.byteSize());
    }

    @Override
    public String toString() {
        return name + Arrays.toString(shape) + (place == null ? "" : " in place of " + place);
    }
}
