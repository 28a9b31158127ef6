package io.github.dropfuse.bench.report;

/**
 * One contender doing one thing.
 *
 * @param contender who
 * @param kernel what: memcpy, a name of {@code dropfuse bench}, or a small call's name
 * @param backend which implementation
 * @param tier which instruction set, as far as known
 * @param dtype element type
 * @param p drop probability
 * @param elements size of the tensor
 * @param threads how many were allowed, or "all"
 * @param inPlace whether the output is the input
 * @param nanos median time of a call
 * @param low first quartile of the time of a call
 * @param high third quartile
 * @param ratio median over pairs of the time over that of the limit
 * @param ratioLow first quartile of that
 * @param ratioHigh third quartile
 * @param state what the core was like, {@code fast} or {@code slow}; empty where nobody looked
 * @param samples how many pairs there are of this state
 * @param all how many were taken
 * @param limit what that is: a plain copy, or a plain sum
 * @param allocated bytes on the Java heap a call, NaN where not measured
 */
record Row(
        String contender,
        String kernel,
        String backend,
        String tier,
        String dtype,
        double p,
        long elements,
        String threads,
        boolean inPlace,
        double nanos,
        double low,
        double high,
        double ratio,
        double ratioLow,
        double ratioHigh,
        String state,
        int samples,
        int all,
        String limit,
        double allocated) {
    static final String COPY = "memcpy";
    static final String SUM = "out = a + b";
    static final String SUM_IN_PLACE = "a += b";

    /** The distance of the ratio's quartiles, relative to the median. */
    double spread() {
        return (ratioHigh - ratioLow) / ratio;
    }

    double nanosPerElement() {
        return nanos / elements;
    }
}
