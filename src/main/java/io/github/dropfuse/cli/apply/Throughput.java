package io.github.dropfuse.cli.apply;

import java.util.Locale;

/**
 * What was moved, and where the time went.
 *
 * @param read bytes of all files that were read
 * @param written bytes of the elements that were written
 * @param kernelNanos time of computing, on memory that is there
 * @param fileNanos time of opening, reading, converting and writing files, up to the disk
 * @param nanos all time
 */
record Throughput(long read, long written, long kernelNanos, long fileNanos, long nanos) {
    static final Throughput NONE = new Throughput(0, 0, 0, 0, 0);

    Throughput plus(Throughput more) {
        return new Throughput(
                read + more.read,
                written + more.written,
                kernelNanos + more.kernelNanos,
                fileNanos + more.fileNanos,
                nanos + more.nanos);
    }

    /** Bytes read and written over the time of each. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "time=%.6fs kernel=%.6fs kernelGB/s=%.2f file=%.6fs fileGB/s=%.2f",
                nanos * 1e-9,
                kernelNanos * 1e-9,
                perNano(kernelNanos),
                fileNanos * 1e-9,
                perNano(fileNanos));
    }

    private double perNano(long some) {
        return (double) (read + written) / Math.max(1, some);
    }
}
