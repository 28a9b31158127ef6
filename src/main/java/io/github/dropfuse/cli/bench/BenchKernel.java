package io.github.dropfuse.cli.bench;

import static io.github.dropfuse.cli.bench.BenchKernel.Place.APART;
import static io.github.dropfuse.cli.bench.BenchKernel.Place.BOTH;
import static io.github.dropfuse.cli.bench.BenchKernel.Place.IN_PLACE;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.Units;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** What {@code dropfuse bench} times; a new kernel is an entry here. */
enum BenchKernel {
    /** Each element drawn, scaled and selected. */
    FORWARD(
            "forward", 0.1, 1, 1, BOTH,
            (t, p, on) -> {
                Dropout layer = new Dropout(p).with(on);
                return state -> layer.forward(t.x(), t.y(), state);
            }),

    /** The same of a gradient. */
    BACKWARD(
            "backward", 0.1, 1, 1, BOTH,
            (t, p, on) -> {
                Dropout layer = new Dropout(p).with(on);
                return state -> layer.backward(t.x(), t.y(), state);
            }),

    /** A mask that was drawn before. */
    STORED_MASK("stored-mask", 0.1, 1, 1, BOTH, BenchKernel::stored),

    /** The packed bits alone, without a tensor. */
    MASK(
            "mask", 0.1, 1, 0, APART,
            (t, p, on) -> {
                Mask mask = t.mask();
                return state -> Masks.draw(mask, p, state, 0, on);
            }),

    /** Samples of a vision transformer. */
    DROPPATH(
            "droppath", 0.5, BenchKernel.SAMPLE, 0.75, BOTH,
            (t, p, on) -> {
                DropPath layer = new DropPath(p).with(on);
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                return state -> layer.forward(s.x(), s.y(), state);
            }),

    /** Channels of small images, before their pixels. */
    CHANNELS_FIRST(
            "channels-first", 0.1, BenchKernel.IMAGE, 0.95, APART,
            (t, p, on) -> {
                Dropout2d layer = new Dropout2d(p).with(on);
                BenchTensors s = t.samples(64, 16, 16);
                return state -> layer.forward(s.x(), s.y(), state);
            }),

    /** And after them. */
    CHANNELS_LAST(
            "channels-last", 0.1, BenchKernel.IMAGE, 1, APART,
            (t, p, on) -> {
                Dropout2d layer =
                        new Dropout2d(p, Channels.LAST, Scaling.IN_TRAINING).with(on);
                BenchTensors s = t.samples(16, 16, 64);
                return state -> layer.forward(s.x(), s.y(), state);
            }),

    /** One mask for all steps of a sequence. */
    NOISE_SHAPE(
            "noise-shape", 0.1, BenchKernel.IMAGE, 1, APART,
            (t, p, on) -> {
                Units steps = Units.noiseShape(-1, 1, -1);
                Dropout layer = new Dropout(p, Scaling.IN_TRAINING, steps).with(on);
                BenchTensors s = t.samples(16, 1024);
                return state -> layer.forward(s.x(), s.y(), state);
            }),

    /** Dropped elements become another value than 0. */
    ALPHADROPOUT(
            "alphadropout", 0.1, 1, 1, APART,
            (t, p, on) -> {
                AlphaDropout layer = new AlphaDropout(p).with(on);
                return state -> layer.forward(t.x(), t.y(), state);
            }),

    /** A product with a normal number. */
    GAUSSIANDROPOUT(
            "gaussiandropout", 0.1, 1, 1, APART,
            (t, p, on) -> {
                GaussianDropout layer = new GaussianDropout(p).with(on);
                return state -> layer.forward(t.x(), t.y(), state);
            }),

    /** A sum with one; p is the standard deviation. */
    GAUSSIANNOISE(
            "gaussiannoise", 0.1, 1, 1, APART,
            (t, p, on) -> {
                GaussianNoise layer = new GaussianNoise(p).with(on);
                return state -> layer.forward(t.x(), t.y(), state);
            }),

    /** Bias, Dropout and residual. */
    DROPOUTADD(
            "dropoutadd", 0.1, BenchKernel.FEATURES, 1.5, BOTH,
            (t, p, on) -> {
                DropoutAdd layer = new DropoutAdd(new Dropout(p).with(on));
                BenchTensors s = t.samples(BenchKernel.FEATURES);
                Tensor bias = t.vector(BenchKernel.FEATURES);
                return state -> layer.forward(s.x(), bias, s.residual(), s.y(), state);
            }),

    /** The sums of its gradient. */
    BIAS_GRADIENT(
            "bias-gradient", 0.1, BenchKernel.FEATURES, 0.5, APART,
            (t, p, on) -> {
                DropoutAdd layer = new DropoutAdd(new Dropout(p).with(on));
                BenchTensors s = t.samples(BenchKernel.FEATURES);
                Tensor bias = t.vector(BenchKernel.FEATURES);
                return state -> layer.biasGradient(s.x(), bias, state);
            }),

    /** DropPath and residual. */
    DROPPATHADD(
            "droppathadd", 0.5, BenchKernel.SAMPLE, 0.75, IN_PLACE,
            (t, p, on) -> {
                DropPathAdd layer = new DropPathAdd(new DropPath(p).with(on));
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                return state -> layer.forward(s.x(), null, s.residual(), s.y(), state);
            }),

    /** With LayerScale. */
    DROPPATHADD_GAMMA(
            "droppathadd-gamma", 0.5, BenchKernel.SAMPLE, 0.75, IN_PLACE,
            (t, p, on) -> {
                DropPathAdd layer = new DropPathAdd(new DropPath(p).with(on));
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                Tensor gamma = t.vector(BenchKernel.FEATURES);
                return state -> layer.forward(s.x(), gamma, s.residual(), s.y(), state);
            }),

    /** The sums of its gradient. */
    GAMMA_GRADIENT(
            "gamma-gradient", 0.5, BenchKernel.SAMPLE, 0.5, APART,
            (t, p, on) -> {
                DropPathAdd layer = new DropPathAdd(new DropPath(p).with(on));
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                Tensor gamma = t.vector(BenchKernel.FEATURES);
                return state -> layer.gammaGradient(s.x(), s.y(), gamma, state);
            }),

    /** The way back of a branch that was computed for half of the samples. */
    SCATTER_ADD(
            "scatter-add", 0.5, BenchKernel.SAMPLE, 0.75, IN_PLACE,
            (t, p, on) -> {
                DropPath path = new DropPath(p).with(on);
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                int batch = Math.toIntExact(s.count());
                return state -> {
                    KeptSamples kept = KeptSamples.fixed(path, batch, state);
                    kept.scatterAdd(s.x().slice(0, kept.count()), s.y());
                };
            }),

    /** Half of the patches left out. */
    TOKENDROP(
            "tokendrop", 0.5, BenchKernel.SAMPLE, 0.5, APART,
            (t, p, on) -> {
                TokenDrop layer = new TokenDrop(p, 1).with(on);
                BenchTensors s = t.samples(BenchKernel.TOKENS, BenchKernel.FEATURES);
                int batch = Math.toIntExact(s.count());
                int kept = layer.kept(BenchKernel.TOKENS);
                Tensor y =
                        t.y()
                                .slice(0, (long) batch * kept * BenchKernel.FEATURES)
                                .reshape(batch, kept, BenchKernel.FEATURES);
                return state ->
                        layer.forward(s.x(), y, layer.indices(batch, BenchKernel.TOKENS, state));
            }),

    /** Blocks of 7 by 7. */
    DROPBLOCK(
            "dropblock", 0.1, BenchKernel.IMAGE, 1, APART,
            (t, p, on) -> {
                DropBlock layer = new DropBlock(2, p, 7).with(on);
                BenchTensors s = t.samples(64, 16, 16);
                return state -> layer.forward(s.x(), s.y(), state);
            }),

    /** PyTorch's own masks, as modules with torch.rand draw them. */
    PYTORCH_RAND(
            "pytorch-rand", 0.1, 1, 1, APART,
            (t, p, on) -> BenchKernel.torch(t, p, on, TorchStream.RAND)),

    /** As its dropout draws them. */
    PYTORCH_DROPOUT(
            "pytorch-dropout", 0.1, 1, 1, APART,
            (t, p, on) -> BenchKernel.torch(t, p, on, TorchStream.DROPOUT));

    /** Where the output is. */
    enum Place {
        APART,
        IN_PLACE,
        BOTH
    }

    /** Makes something to be called with a state each time. */
    private interface Maker {
        Consumer<PhiloxState> on(BenchTensors tensors, double p, Execution execution);
    }

    /** What stored masks are drawn from. */
    static final PhiloxState STORED = new PhiloxState(42, 1L << 62);

    /** Tokens of a sample of a vision transformer. */
    static final int TOKENS = 197;

    /** Elements of a token. */
    static final int FEATURES = 768;

    private static final int SAMPLE = TOKENS * FEATURES;
    private static final int IMAGE = 64 * 16 * 16;

    private final String label;
    private final double p;
    private final long run;
    private final double limit;
    private final Place place;
    private final Maker maker;

    BenchKernel(String label, double p, long run, double limit, Place place, Maker maker) {
        this.label = label;
        this.p = p;
        this.run = run;
        this.limit = limit;
        this.place = place;
        this.maker = maker;
    }

    private static Consumer<PhiloxState> stored(BenchTensors t, double p, Execution on) {
        Dropout layer = new Dropout(p).with(on);
        Mask mask = t.mask();
        Masks.draw(mask, p, STORED, 0, on);
        return state -> layer.forward(t.x(), t.y(), mask);
    }

    private static Consumer<PhiloxState> torch(
            BenchTensors t, double p, Execution on, TorchStream stream) {
        Dropout layer = new Dropout(p).with(on);
        TorchGenerator generator = TorchGenerator.seeded(42);
        return state -> layer.forward(t.x(), t.y(), generator, stream);
    }

    /** The kernels of Dropout and DropPath by themselves. */
    static Set<BenchKernel> plain() {
        return EnumSet.range(FORWARD, DROPPATH);
    }

    /** The other layers. */
    static Set<BenchKernel> forms() {
        return EnumSet.complementOf(EnumSet.range(FORWARD, DROPPATH));
    }

    /** Something to be called with a state each time. */
    Consumer<PhiloxState> on(BenchTensors tensors, Execution execution) {
        return maker.on(tensors, p, execution);
    }

    boolean hasPlace(boolean inPlace) {
        return place == BOTH || inPlace == (place == IN_PLACE);
    }

    /** Whether there is a residual. */
    boolean adds() {
        return EnumSet.of(DROPOUTADD, DROPPATHADD, DROPPATHADD_GAMMA, SCATTER_ADD).contains(this);
    }

    double p() {
        return p;
    }

    /** Elements of a sample; sizes are rounded down to a multiple of it. */
    long run() {
        return run;
    }

    /** Bytes of tensors that have to be moved, over those that a copy moves. */
    double limit() {
        return limit;
    }

    @Override
    public String toString() {
        return label;
    }
}
