package io.github.dropfuse.kernel;

/**
 * Some of what a call could work on: elements, rows or images, by their index.
 *
 * @param first the first one, at least 0
 * @param count how many, at least 0; {@link Long#MAX_VALUE} for all that there are
 */
public record Range(long first, long count) {
    /** All. */
    public static final Range ALL = new Range(0, Long.MAX_VALUE);

    /**
     * How many there are in the range.
     *
     * @param size how many there are in all
     * @return at most {@code size - first}
     */
    public long count(long size) {
        return Math.min(count, size - first);
    }
}
