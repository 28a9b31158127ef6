package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Scaling;

/**
 * Channel dropout for arrays (N, C, L), with the batch or without it: in training whole channels of
 * a sample are 0 with probability p, or multiplied by 1 / (1 - p). Elsewhere it is
 * SpatialDropout1D.
 *
 * @see io.github.dropfuse.layer.Dropout1d
 */
public final class Dropout1dBlock extends RandomBlock {
    private Dropout1dBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        Dropout1d layer =
                new Dropout1d(builder.rate(), builder.channels(), Scaling.IN_TRAINING);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.channels(1, layer.channels())),
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

    /** Settings of a {@link Dropout1dBlock}. */
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
        public Dropout1dBlock build() {
            return new Dropout1dBlock(this);
        }
    }
}
