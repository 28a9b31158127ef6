package io.github.dropfuse.djl;

import io.github.dropfuse.layer.Dropout;

/**
 * Dropout: in training each element is 0 with probability p, or multiplied by 1 / (1 - p).
 *
 * @see io.github.dropfuse.layer.Dropout
 */
public final class DropoutBlock extends RandomBlock {
    private DropoutBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        Dropout layer = new Dropout(builder.rate());
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.Drawn(layer.p(), layer.trainingScale()),
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

    /** Settings of a {@link DropoutBlock}. */
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
        public DropoutBlock build() {
            return new DropoutBlock(this);
        }
    }
}
