package io.github.dropfuse.djl;

import io.github.dropfuse.layer.DropBlock;
import java.util.Objects;

/**
 * DropBlock for arrays (N, C, H, W) or (N, C, D, H, W): in training square blocks are 0, so that a
 * share p of all elements is dropped; the others are multiplied by 1 / (1 - p).
 *
 * @see io.github.dropfuse.layer.DropBlock
 */
public final class DropBlockBlock extends RandomBlock {
    private DropBlockBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        DropBlock layer =
                new DropBlock(builder.dimensions, builder.rate(), builder.blockSize)
                        .with(builder.centres)
                        .with(builder.factor)
                        .sharedByChannels(builder.shared);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.elements()),
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

    /** Settings of a {@link DropBlockBlock}. */
    public static final class Builder extends RandomBlock.RateBuilder<Builder> {
        private int dimensions = 2;
        private int blockSize = 7;
        private DropBlock.Centres centres = DropBlock.Centres.VALID;
        private DropBlock.Factor factor = DropBlock.Factor.EXPECTED;
        private boolean shared;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the number of spatial dimensions.
         *
         * @param dimensions 2 by default, for images, or 3 for volumes
         * @return this builder
         */
        public Builder optDimensions(int dimensions) {
            this.dimensions = dimensions;
            return this;
        }

        /**
         * Sets the length of a block's sides. It is 7 by default.
         *
         * @param blockSize at least 1, and at most the least spatial extent
         * @return this builder
         */
        public Builder optBlockSize(int blockSize) {
            this.blockSize = blockSize;
            return this;
        }

        /**
         * Sets where centres may lie.
         *
         * @param centres where the block lies within the image by default, or everywhere
         * @return this builder
         */
        public Builder optCentres(DropBlock.Centres centres) {
            this.centres = Objects.requireNonNull(centres, "centres");
            return this;
        }

        /**
         * Sets what kept values are multiplied by.
         *
         * @param factor 1 / (1 - p) by default, or what the call drew, or 1
         * @return this builder
         */
        public Builder optFactor(DropBlock.Factor factor) {
            this.factor = Objects.requireNonNull(factor, "factor");
            return this;
        }

        /**
         * Sets whether the channels of a sample share their blocks.
         *
         * @param shared not by default
         * @return this builder
         */
        public Builder optSharedByChannels(boolean shared) {
            this.shared = shared;
            return this;
        }

        /**
         * Makes the block.
         *
         * @return a new block
         */
        public DropBlockBlock build() {
            return new DropBlockBlock(this);
        }
    }
}
