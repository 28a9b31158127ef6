package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Scaling;

/**
 * Channel dropout for arrays (N, C, H, W), with the batch or without it: in training whole channels
 * of a sample are 0 with probability p, or multiplied by 1 / (1 - p). Elsewhere it is
 * SpatialDropout2D.
 *
 * @see io.github.dropfuse.layer.Dropout2d
 */
public final class Dropout2dBlock extends RandomBlock {
    private Dropout2dBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        Dropout2d layer =
                new Dropout2d(builder.rate(), builder.channels(), Scaling.IN_TRAINING);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.channels(2, layer.channels())),
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

    /** Settings of a {@link Dropout2dBlock}. */
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
        public Dropout2dBlock build() {
            return new Dropout2dBlock(this);
        }
    }
}
