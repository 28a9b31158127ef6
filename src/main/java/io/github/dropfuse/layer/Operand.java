package io.github.dropfuse.layer;

import java.util.List;

/**
 * A tensor that a {@link Pass} reads or writes.
 *
 * @param name such as {@code x} or {@code residual}
 * @param description what it is, where it is neither the input nor the output; else empty
 * @param extents which shape it has
 * @param written whether all of it is written, or else it is read
 * @param optional whether a call may do without it
 * @param replaces names of the inputs whose memory an output may take
 */
public record Operand(
        String name,
        String description,
        Extents extents,
        boolean written,
        boolean optional,
        List<String> replaces) {

    /** The shape of x. */
    static final Extents OF_X = (layer, x) -> x;

    /** A vector as long as the last dimension of x. */
    static final Extents OF_LAST = (layer, x) -> new long[] {x[x.length - 1]};

    /** Shapes, by that of x. */
    @FunctionalInterface
    public interface Extents {
        /**
         * The shape.
         *
         * @param layer the layer
         * @param x shape of x; not changed
         * @return the operand's shape
         */
        long[] of(Layer layer, long[] x);
    }

    static Operand input(String name) {
        return input(name, "");
    }

    static Operand input(String name, String description) {
        return new Operand(name, description, OF_X, false, false, List.of());
    }

    static Operand output(String name, String... replaces) {
        return new Operand(name, "", OF_X, true, false, List.of(replaces));
    }

    static Operand vector(String name, String description) {
        return new Operand(name, description, OF_LAST, false, true, List.of());
    }

    Operand with(Extents others) {
        return new Operand(name, description, others, written, optional, replaces);
    }

    /**
     * Whether it has the shape of x.
     *
     * @return true for that of x
     */
    public boolean isLikeX() {
        return extents == OF_X;
    }

    /**
     * Whether it is a vector along the last dimension of x.
     *
     * @return true for a vector
     */
    public boolean isVector() {
        return extents == OF_LAST;
    }
}
