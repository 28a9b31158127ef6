package io.github.dropfuse.djl;

import io.github.dropfuse.layer.GaussianDropout;

/**
 * GaussianDropout: in training each element is multiplied by a normal number of mean 1 and variance
 * p / (1 - p). The rate has to be below 1.
 *
 * @see io.github.dropfuse.layer.GaussianDropout
 */
public final class GaussianDropoutBlock extends RandomBlock {
    private GaussianDropoutBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        GaussianDropout layer = new GaussianDropout(builder.rate());
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

    /** Settings of a {@link GaussianDropoutBlock}. */
    public static final class Builder extends RandomBlock.RateBuilder<Builder> {
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
        public GaussianDropoutBlock build() {
            return new GaussianDropoutBlock(this);
        }
    }
}
