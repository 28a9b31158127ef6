package io.github.dropfuse.djl;

import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Scaling;
import java.util.Objects;

/**
 * DropPath, also called stochastic depth: in training whole samples of a residual branch are 0 with
 * probability p, or multiplied by 1 / (1 - p). {@link DropPathAdd} adds the branch to its input,
 * too.
 *
 * @see io.github.dropfuse.layer.DropPath
 */
public final class DropPathBlock extends RandomBlock {
    private DropPathBlock(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
    }

    private static Recipe recipe(Builder builder) {
        DropPath layer = new DropPath(builder.rate(), builder.mode, Scaling.IN_TRAINING);
        return Recipe.of(
                layer,
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.of(layer.mode())),
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

    /** Settings of a {@link DropPathBlock}. */
    public static final class Builder extends RandomBlock.RateBuilder<Builder> {
        private DropPath.Mode mode = DropPath.Mode.ROW;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets what is dropped as one.
         *
         * @param mode each sample for itself by default, or the whole batch
         * @return this builder
         */
        public Builder optMode(DropPath.Mode mode) {
            this.mode = Objects.requireNonNull(mode, "mode");
            return this;
        }

        /**
         * Makes the block.
         *
         * @return a new block
         */
        public DropPathBlock build() {
            return new DropPathBlock(this);
        }
    }
}
