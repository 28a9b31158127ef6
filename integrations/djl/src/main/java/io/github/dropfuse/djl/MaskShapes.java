package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropPath;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** The shapes of masks, which are broadcast to that of an input. */
final class MaskShapes {
    private MaskShapes() {}

    static UnaryOperator<long[]> elements() {
        return shape -> shape;
    }

    static UnaryOperator<long[]> of(DropPath.Mode mode) {
        return shape -> ones(shape, mode == DropPath.Mode.ROW ? new int[] {0} : new int[0]);
    }

    /** One for each channel of each sample; where there is no batch dimension, of the only one. */
    static UnaryOperator<long[]> channels(int spatialDimensions, Channels channels) {
        return shape -> {
            int batch = shape.length - spatialDimensions - 1;
            int channel = channels == Channels.FIRST ? batch : shape.length - 1;
            return ones(shape, batch == 0 ? new int[] {channel} : new int[] {0, channel});
        };
    }

    /** 1 in all dimensions but some. */
    private static long[] ones(long[] shape, int[] kept) {
        long[] mask = new long[shape.length];
        Arrays.fill(mask, 1);
        for (int dimension : kept) {
            mask[dimension] = shape[dimension];
        }
        return mask;
    }
}
