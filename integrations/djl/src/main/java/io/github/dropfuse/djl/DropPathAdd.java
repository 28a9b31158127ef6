package io.github.dropfuse.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Scaling;
import java.util.Objects;

/**
 * A residual block with DropPath: {@code y = x + dropPath(branch(x))}. The branch gives an array of
 * its input's shape. It is computed for all samples, and then dropped for some.
 *
 * <p>In training in PyTorch, where the branch gives its input's type, the output has the bits of
 * {@link io.github.dropfuse.layer.DropPathAdd}: it is rounded once, and where a sample was dropped,
 * it is the input. Elsewhere it is the engine's sum. Then the branch is rounded before it is added,
 * and the zero of a negative input may become positive.
 *
 * <p>Otherwise than in training it is the sum of input and branch.
 *
 * <pre>{@code
 * double[] rates = DepthRates.linear(0.2, depth);
 * for (double rate : rates) {
 *     net.add(DropPathAdd.builder()
 *             .setBranch(branch())
 *             .optRate(rate)
 *             .optGenerator(generator)
 *             .build());
 * }
 * }</pre>
 *
 * @see DropPathBlock
 */
public final class DropPathAdd extends RandomBlock {
    private final Block branch;

    /** For arrays of the host. */
    private final io.github.dropfuse.layer.DropPathAdd fused;

    private DropPathAdd(Builder builder) {
        super(builder, recipe(builder), builder.rate() == 0);
        fused =
                new io.github.dropfuse.layer.DropPathAdd(
                        layer(builder).with(builder.execution()));
        branch = addChildBlock("branch", builder.branch);
    }

    private static DropPath layer(Builder builder) {
        return new DropPath(builder.rate(), builder.mode, Scaling.IN_TRAINING);
    }

    private static Recipe recipe(Builder builder) {
        DropPath layer = layer(builder);
        return new Recipe(
                "DropPathAdd[" + layer + "]",
                execution -> Layer.of(layer.with(execution)),
                builder.execution(),
                new Recipe.Factors.OfMask(MaskShapes.of(layer.mode())),
                false);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        NDArray y =
                branch.forward(parameterStore, inputs, training, params).singletonOrThrow();
        checkShape(x.getShape(), y.getShape());
        return new NDList(training ? sum(x, y) : x.add(y));
    }

    private NDArray sum(NDArray x, NDArray y) {
        if (!isTorch(x) || !isTorch(y)) {
            return x.add(drop(y));
        }
        TorchArray residual = TorchArray.of(x);
        TorchArray dropped = TorchArray.of(y);
        return isIdentity() || !residual.isBeside(dropped)
                ? x.add(drop(y))
                : fused(residual, dropped, next(dropped));
    }

    /** The fused layer's result. */
    private NDArray fused(TorchArray x, TorchArray y, PhiloxState state) {
        TorchArray residual = x.dense();
        try {
            TorchArray dropped = y.dense();
            try {
                return fusedDense(residual, dropped, state);
            } finally {
                dropped.closeUnless(y);
            }
        } finally {
            residual.closeUnless(x);
        }
    }

    private NDArray fusedDense(TorchArray residual, TorchArray dropped, PhiloxState state) {
        TorchArray out =
                LibTorch.records()
                        ? recorded(residual, dropped, state)
                        : residual.empty(residual.dtype(), residual.sizes());
        var layer = dropped.isHost() ? fused : fused.with(dropped.execution());
        return out.written(
                        sum ->
                                layer.forward(
                                        dropped.tensor(), null, residual.tensor(), sum, state))
                .array();
    }

    /** The engine's sum, for its gradients. It is computed from contiguous arrays, and so is one. */
    private TorchArray recorded(TorchArray residual, TorchArray dropped, PhiloxState state) {
        try (NDArray branches = recorded(dropped, state)) {
            return TorchArray.result(residual.array().add(branches));
        }
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        branch.initialize(manager, dataType, inputShapes);
        checkShape(inputShapes[0], branch.getOutputShapes(inputShapes)[0]);
    }

    /** A sum of different shapes would be broadcast. */
    private static void checkShape(Shape x, Shape y) {
        if (!x.equals(y)) {
            throw new IllegalArgumentException(
                    "branch gives shape " + y + ", allowed is its input's " + x);
        }
    }

    /**
     * Begins a block.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a {@link DropPathAdd}. */
    public static final class Builder extends RandomBlock.RateBuilder<Builder> {
        private Block branch;
        private DropPath.Mode mode = DropPath.Mode.ROW;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets what is added to the input. It has to be set.
         *
         * @param branch gives one array of the input's shape
         * @return this builder
         */
        public Builder setBranch(Block branch) {
            this.branch = Objects.requireNonNull(branch, "branch");
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
         * @throws NullPointerException if there is no branch
         */
        public DropPathAdd build() {
            Objects.requireNonNull(branch, "branch");
            return new DropPathAdd(this);
        }
    }
}
