package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Scaling;
import java.util.Objects;

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
                new Dropout2d(builder.rate(), builder.channels, Scaling.IN_TRAINING);
        return new Recipe(
                layer.toString(),
                execution -> Layer.of(layer.with(execution)),
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
    public static final class Builder extends RandomBlock.RateBuilder<Builder> {
        private Channels channels = Channels.FIRST;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets where the channels are.
         *
         * @param channels first by default, as in PyTorch, or last
         * @return this builder
         */
        public Builder optChannels(Channels channels) {
            this.channels = Objects.requireNonNull(channels, "channels");
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
