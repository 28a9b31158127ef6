package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Progress;
import java.io.IOException;
import java.util.Arrays;

/**
 * A layer as {@code apply} runs it: over parts of a file that follow each other along the first
 * dimension, which together give what the whole gives.
 */
abstract class AppliedLayer {
    /** The output's shape; unless a layer leaves something out, the input's. */
    long[] outputShape(long[] shape) {
        return shape;
    }

    /** A shape of the same elements that decides the same and has more to cut. */
    long[] view(long[] shape) {
        return shape;
    }

    /** Whether the whole can be cut at all. */
    boolean isCut() {
        return true;
    }

    /** Prepares for an output, of which nothing is read or written. */
    abstract void begin(Tensor whole);

    /** Computes the entries from the given one on. */
    abstract void apply(Tensor in, Tensor out, long from);

    /** Counts what {@link #apply} kept of the same entries. */
    void count(Tensor out, long from, Progress progress) throws IOException {}

    /** Units that {@link #count} looks at in all. */
    long counted() {
        return 0;
    }

    /** Bytes that are read beside the input's. */
    long bytesBeside() {
        return 0;
    }

    /** What was done, such as {@code kept=1 total=2 scale=2.0}. */
    abstract String outcome();

    /** A number as it is used: in a tensor's compute type. */
    static String number(double value, DType dtype) {
        return dtype.computesIn() == DType.FLOAT64
                ? Double.toString(value)
                : Float.toString((float) value);
    }

    static String kept(long kept, long total, double scale, DType dtype) {
        return "kept=" + kept + " total=" + total + " scale=" + number(scale, dtype);
    }

    static long[] flat(long[] shape) {
        return new long[] {Arrays.stream(shape).reduce(1, (a, b) -> a * b)};
    }
}
