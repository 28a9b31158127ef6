package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.Scaling;

/**
 * Channel dropout for arrays (N, C, D, H, W), with the batch or without it: in training whole
 * channels of a sample are 0 with probability p, or multiplied by 1 / (1 - p). Elsewhere it is
 * SpatialDropout3D.
 *
 * @see io.github.dropfuse.layer.Dropout3d
 */
public final class Dropout3dBlock extends RandomBlock {
    private Dropout3dBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        Dropout3d layer =
                new Dropout3d(builder.rate(), builder.channels(), Scaling.IN_TRAINING);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.channels(3, layer.channels())),
                false);
    }

    /**
     * Begins a block.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a {@link Dropout3dBlock}. */
    public static final class Builder extends RandomBlock.ChannelBuilder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Makes the block.
         *
         * @return a new block
         */
        public Dropout3dBlock build() {
            return new Dropout3dBlock(this);
        }
    }
}
