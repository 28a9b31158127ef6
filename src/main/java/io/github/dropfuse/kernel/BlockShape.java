package io.github.dropfuse.kernel;

/**
 * Images of a size, and the blocks that may be dropped from them.
 *
 * @param spatial the two or three extents of an image, each at least {@code side}
 * @param side length of a block's sides, at least 1
 * @param valid whether centres lie only where blocks lie within the image
 */
public record BlockShape(long[] spatial, int side, boolean valid) {
    /** The number of centres along a dimension, at least 1. */
    public long centresAlong(int dimension) {
        return valid ? spatial[dimension] - side + 1 : spatial[dimension];
    }

    /** The number of centres of an image, at least 1. */
    public long centres() {
        long centres = 1;
        for (int d = 0; d < spatial.length; d++) {
            centres *= centresAlong(d);
        }
        return centres;
    }

    /** The number of positions of an image, at least 1. */
    public long positions() {
        long positions = 1;
        for (long extent : spatial) {
            positions *= extent;
        }
        return positions;
    }
}
