package io.github.dropfuse.djl;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Blocks;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.Execution;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * What all blocks of this package share: in training they draw from a {@link Generator}, one state
 * for each call, and give one array of the input's shape and type; otherwise they give their input.
 *
 * <p><b>Gradients</b> are right under DJL's own {@code GradientCollector} and {@code Trainer}.
 * Unless {@link TorchOperator} is installed, the engine records a product of the input with an
 * array of factors, and keeps these for the backward pass: as many bytes as the input has (twice as
 * many for float16), one for each sample in {@link DropPathBlock}, one for each channel in {@link
 * Dropout2dBlock} and its like, none in {@link GaussianNoiseBlock}. In PyTorch the output has the
 * layer's own bits. The gradient has them too, up to the sign of zeros, as long as the gradient
 * that comes in is finite where the block drops.
 *
 * <p><b>Arrays</b> of DJL's PyTorch engine may be float16, bfloat16, float32 or float64, have any
 * strides and more than 2 GiB. Those on a CUDA device are computed there, on libtorch's current
 * stream. In other engines they may be float32 or float64, up to 2 GiB.
 *
 * <p><b>Saving.</b> {@code saveParameters} saves the generator's place, and {@code loadParameters}
 * {@linkplain Generator#restore puts the generator back}, so that training goes on with the masks
 * that it would have had. Blocks may share a generator; so may the blocks of several models, but
 * loading one then moves all of them.
 *
 * <p><b>Threads.</b> Blocks can be used by several threads. Each call takes a state of its own;
 * which one is a matter of timing, unless each thread's block has a generator of its own, such as
 * {@link Generator#split} gives. The same holds for a trainer with several devices: it runs them
 * one after another, in order, unless it was given an executor.
 */
public abstract class RandomBlock extends AbstractBlock {
    private static final byte VERSION = 1;

    /** A thread of libtorch's computes, beside which threads of other pools would only wait. */
    private static final Execution SEQUENTIAL = Execution.automatic().sequential();

    private final Generator generator;
    private final Recipe recipe;
    private final boolean identity;

    /**
     * For blocks of this package.
     *
     * @param builder the generator
     * @param recipe what is computed
     * @param identity whether the layer's settings make it the identity
     */
    RandomBlock(Builder<?> builder, Recipe recipe, boolean identity) {
        super(VERSION);
        this.generator = builder.generator();
        this.recipe = recipe;
        this.identity = identity;
    }

    /**
     * What this block draws from.
     *
     * @return the generator; its place is saved and loaded with the block
     */
    public Generator generator() {
        return generator;
    }

    /** In training: takes a state and applies the layer. */
    final NDArray drop(NDArray x) {
        if (!isTorch(x)) {
            EngineProduct.check(recipe, x);
            if (!identity) {
                EngineProduct.checkArithmetic(x);
            }
            PhiloxState state = generator.next();
            return identity ? x : EngineProduct.apply(recipe, x, state);
        }
        TorchArray array = TorchArray.of(x);
        PhiloxState state = next(array);
        if (identity) {
            return x;
        }
        return TorchOperator.isInstalled() && array.isHost()
                ? TorchOperator.apply(recipe, array, state)
                : TorchProduct.apply(recipe, array, state);
    }

    static boolean isTorch(NDArray x) {
        return EngineProduct.engine(x).equals("PyTorch");
    }

    /** In PyTorch: takes a state, unless the layer has no meaning for the array. */
    final PhiloxState next(TorchArray x) {
        recipe.check(TorchArray.dtype(x.dtype()), x.sizes());
        return generator.next();
    }

    /**
     * In PyTorch: an array whose gradient is that of applying the layer. Its values need not be the
     * layer's.
     */
    final NDArray recorded(TorchArray dense, PhiloxState state) {
        return TorchOperator.isInstalled() && dense.isHost()
                ? TorchOperator.apply(recipe, dense, state)
                : TorchProduct.recorded(recipe, dense.layer(recipe), dense, state).array();
    }

    final boolean isIdentity() {
        return identity;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.singletonOrThrow();
        return training ? new NDList(drop(x)) : inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }

    @Override
    protected void saveMetadata(DataOutputStream os) throws IOException {
        os.writeUTF(getClass().getSimpleName() + " " + generator.state());
        saveInputShapes(os);
    }

    @Override
    protected void loadMetadata(byte loadVersion, DataInputStream is)
            throws IOException, MalformedModelException {
        if (loadVersion != VERSION) {
            throw new MalformedModelException(
                    "version is " + loadVersion + ", for " + getClass().getSimpleName()
                            + " allowed is " + VERSION);
        }
        String[] words = is.readUTF().split(" ", 2);
        if (words.length != 2 || !words[0].equals(getClass().getSimpleName())) {
            throw new MalformedModelException(
                    "parameters are those of " + words[0] + ", allowed are those of "
                            + getClass().getSimpleName());
        }
        PhiloxState saved;
        try {
            saved = PhiloxState.parse(words[1]);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(e.getMessage(), e);
        }
        readInputShapes(is);
        generator.restore(saved);
    }

    /** The layer with its settings, and the shapes once they are known. */
    @Override
    public String toString() {
        return Blocks.describe(this, recipe.name(), 0);
    }

    /**
     * The settings that every block has.
     *
     * @param <B> the builder itself
     */
    public abstract static class Builder<B extends Builder<B>> {
        private Generator generator;
        private Execution execution = SEQUENTIAL;

        Builder() {}

        /** What the optional methods return. */
        abstract B self();

        /**
         * Sets what is drawn from. Blocks of a model may share one.
         *
         * @param generator a generator; if none is set, one for all blocks of the process that is
         *     seeded differently each time
         * @return this builder
         */
        public B optGenerator(Generator generator) {
            this.generator = Objects.requireNonNull(generator, "generator");
            return self();
        }

        /**
         * Sets how arrays of the host are computed. By default that is in the calling thread alone,
         * as threads of libtorch's and of Java's hinder each other.
         *
         * @param execution on which backend and threads; no bit depends on it
         * @return this builder
         */
        public B optExecution(Execution execution) {
            this.execution = Objects.requireNonNull(execution, "execution");
            return self();
        }

        final Generator generator() {
            return generator != null ? generator : Unseeded.GENERATOR;
        }

        final Execution execution() {
            return execution;
        }
    }

    /**
     * The settings of blocks with a rate.
     *
     * @param <B> the builder itself
     */
    public abstract static class RateBuilder<B extends RateBuilder<B>> extends Builder<B> {
        private double rate = 0.5;

        RateBuilder() {}

        /**
         * Sets the probability of being dropped. It is 0.5 by default, as in DJL.
         *
         * @param rate 0 to 1; a double such as 0.1, as 0.1f is 0.10000000149
         * @return this builder
         * @throws IllegalArgumentException if the rate is out of this range
         */
        public B optRate(double rate) {
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("rate is " + rate + ", allowed are 0 to 1");
            }
            this.rate = rate;
            return self();
        }

        final double rate() {
            return rate;
        }
    }

    /**
     * The settings of blocks that drop channels.
     *
     * @param <B> the builder itself
     */
    public abstract static class ChannelBuilder<B extends ChannelBuilder<B>>
            extends RateBuilder<B> {
        private Channels channels = Channels.FIRST;

        ChannelBuilder() {}

        /**
         * Sets where the channels are.
         *
         * @param channels first by default, as in PyTorch, or last
         * @return this builder
         */
        public B optChannels(Channels channels) {
            this.channels = Objects.requireNonNull(channels, "channels");
            return self();
        }

        final Channels channels() {
            return channels;
        }
    }

    private static final class Unseeded {
        static final Generator GENERATOR = Generator.seeded(new SecureRandom().nextLong());
    }
}
