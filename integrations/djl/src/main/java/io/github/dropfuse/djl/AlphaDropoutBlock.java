package io.github.dropfuse.djl;

import io.github.dropfuse.layer.AlphaDropout;

/**
 * AlphaDropout, for networks of scaled exponential linear units (SELU): dropped elements take the
 * units' lower limit, and an affine map keeps mean and variance.
 *
 * @see io.github.dropfuse.layer.AlphaDropout
 */
public final class AlphaDropoutBlock extends RandomBlock {
    private AlphaDropoutBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        AlphaDropout layer = new AlphaDropout(builder.rate());
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.Drawn(layer.p(), layer.trainingScale()),
                true);
    }

    /**
     * Begins a block.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a {@link AlphaDropoutBlock}. */
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
        public AlphaDropoutBlock build() {
            return new AlphaDropoutBlock(this);
        }
    }
}
