package io.github.dropfuse.djl;

import io.github.dropfuse.layer.GaussianNoise;

/**
 * GaussianNoise: in training a normal number of mean 0 is added to each element. The gradient is
 * the output's, and nothing is kept for it.
 *
 * @see io.github.dropfuse.layer.GaussianNoise
 */
public final class GaussianNoiseBlock extends RandomBlock {
    private GaussianNoiseBlock(Builder builder) {
        super(builder, recipe(builder), builder.sigma == 0);
    }

    private static Recipe recipe(Builder builder) {
        GaussianNoise layer = new GaussianNoise(builder.sigma);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.None(),
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

    /** Settings of a {@link GaussianNoiseBlock}. */
    public static final class Builder extends RandomBlock.Builder<Builder> {
        private double sigma = 0.1;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the standard deviation of the noise. It is 0.1 by default.
         *
         * @param sigma at least 0 and finite
         * @return this builder
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder optSigma(double sigma) {
            this.sigma = new GaussianNoise(sigma).sigma();
            return this;
        }

        /**
         * Makes the block.
         *
         * @return a new block
         */
        public GaussianNoiseBlock build() {
            return new GaussianNoiseBlock(this);
        }
    }
}
