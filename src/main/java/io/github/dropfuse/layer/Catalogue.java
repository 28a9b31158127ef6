package io.github.dropfuse.layer;

import static io.github.dropfuse.layer.Example.Placement.APART;
import static io.github.dropfuse.layer.Example.Placement.BOTH;
import static io.github.dropfuse.layer.Example.Placement.IN_PLACE;
import static io.github.dropfuse.layer.LayerOptions.BLOCK_SIZE;
import static io.github.dropfuse.layer.LayerOptions.CENTRES;
import static io.github.dropfuse.layer.LayerOptions.CHANNELS_LAST;
import static io.github.dropfuse.layer.LayerOptions.FACTOR;
import static io.github.dropfuse.layer.LayerOptions.MODE;
import static io.github.dropfuse.layer.LayerOptions.NOISE_SHAPE;
import static io.github.dropfuse.layer.LayerOptions.P;
import static io.github.dropfuse.layer.LayerOptions.PREFIX_TOKENS;
import static io.github.dropfuse.layer.LayerOptions.SCALING;
import static io.github.dropfuse.layer.LayerOptions.SHARED_BY_CHANNELS;
import static io.github.dropfuse.layer.LayerOptions.SIGMA;
import static io.github.dropfuse.layer.LayerOptions.TOKENS;
import static io.github.dropfuse.layer.Operand.input;
import static io.github.dropfuse.layer.Operand.output;
import static io.github.dropfuse.layer.Operand.vector;
import static io.github.dropfuse.layer.Pass.BACKWARD;
import static io.github.dropfuse.layer.Pass.FORWARD;
import static io.github.dropfuse.layer.Pass.INFER;
import static io.github.dropfuse.layer.Pass.Source.MASK;
import static io.github.dropfuse.layer.Pass.Source.PYTORCH_DROPOUT;
import static io.github.dropfuse.layer.Pass.Source.PYTORCH_RAND;
import static io.github.dropfuse.layer.Pass.Source.STATE;

import io.github.dropfuse.layer.LayerType.Inputs;
import io.github.dropfuse.layer.LayerType.Strength;
import io.github.dropfuse.layer.Pass.Source;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * All layers, each said once: its name, how it is made and called, typical tensors, and what other
 * libraries call it. What serves every layer goes through this, so that a new one is an entry here.
 */
public final class Catalogue {
    private static final Set<Source> DRAWN = Set.of(STATE);
    private static final Set<Source> STORED = Set.of(STATE, MASK);
    private static final Set<Source> ANY_SOURCE = Set.of(Source.values());

    private static final Pass.Call FORWARDS =
            (layer, t, source, shard) -> layer.forward(t[0], t[1], source, shard);
    private static final Pass.Call BACKWARDS =
            (layer, t, source, shard) -> layer.backward(t[0], t[1], source, shard);

    private static final Operand BIAS =
            vector(
                    "bias",
                    "Added before elements are dropped; as long as IN.npy's last dimension.");
    private static final Operand GAMMA =
            vector(
                    "gamma",
                    "Multiplied with before samples are dropped; as long as IN.npy's last"
                            + " dimension.");

    private static final Inputs ANY_INPUT = new Inputs(1, 5, false);
    private static final Strength SCALE = new Strength(true, Catalogue::scale);

    /** Extents of a token, of a sample of tokens, and of an image of a convolution. */
    private static final Integer[] TOKEN = {768};

    private static final Integer[] SAMPLE = {197, 768};
    private static final Integer[] IMAGE = {64, 16, 16};

    private static final String CHANNELS_ELSEWHERE =
            "| `Dropout1d`, `2d`, `3d`: channels of a sample | the same | – | `SpatialDropout1D`… |"
                    + " `SpatialDropout` | channels first, or last on request; in Keras the other way"
                    + " round. Rank 3 of `2d` is (C, H, W) |";
    private static final String ALPHA_ELSEWHERE =
            "| `AlphaDropout`, `FeatureAlphaDropout` | the same | – | `AlphaDropout` |"
                    + " `AlphaDropout` | DL4J's p is kept; in place acts, in PyTorch it does not |";
    private static final String BLOCKS_ELSEWHERE =
            "| `DropBlock`: squares or cubes | – | `DropBlock2d`, `3d` | – | – | drops the share p;"
                    + " 28 × 28, blocks of 7, p = 0.3: timm 0.347, torchvision 0.250 |";

    private static final List<LayerType> LAYERS =
            List.of(
                    new LayerType(
                            "dropout",
                            List.of(P, SCALING, NOISE_SHAPE),
                            (o, x) -> new Dropout(o.get(P), o.get(SCALING), units(o)),
                            plain(ANY_SOURCE),
                            ANY_INPUT,
                            SCALE,
                            List.of(
                                    new Example("forward", 0.1, BOTH, 1),
                                    new Example("backward", 0.1, BOTH, 1).of(BACKWARD),
                                    new Example("stored-mask", 0.1, BOTH, 1).by(MASK),
                                    new Example("noise-shape", 0.1, APART, 1, 16, 1024)
                                            .with(NOISE_SHAPE, new long[] {-1, 1, -1}),
                                    new Example("pytorch-rand", 0.1, APART, 1).by(PYTORCH_RAND),
                                    new Example("pytorch-dropout", 0.1, APART, 1)
                                            .by(PYTORCH_DROPOUT)),
                            "| `Dropout`: elements | `Dropout` | – | `Dropout` | `Dropout` | DL4J's p"
                                    + " is the probability to keep; a dropped infinity or NaN is gone"
                                    + " |"),
                    new LayerType(
                            "dropout1d",
                            List.of(P, SCALING, CHANNELS_LAST),
                            (o, x) -> new Dropout1d(o.get(P), channels(o), o.get(SCALING)),
                            plain(ANY_SOURCE),
                            new Inputs(2, 3, false),
                            SCALE,
                            List.of(),
                            CHANNELS_ELSEWHERE),
                    new LayerType(
                            "dropout2d",
                            List.of(P, SCALING, CHANNELS_LAST),
                            (o, x) -> new Dropout2d(o.get(P), channels(o), o.get(SCALING)),
                            plain(ANY_SOURCE),
                            new Inputs(3, 4, false),
                            SCALE,
                            List.of(
                                    new Example("channels-first", 0.1, APART, 0.95, IMAGE),
                                    new Example("channels-last", 0.1, APART, 1, 16, 16, 64)
                                            .with(CHANNELS_LAST, true)),
                            CHANNELS_ELSEWHERE),
                    new LayerType(
                            "dropout3d",
                            List.of(P, SCALING, CHANNELS_LAST),
                            (o, x) -> new Dropout3d(o.get(P), channels(o), o.get(SCALING)),
                            plain(ANY_SOURCE),
                            new Inputs(4, 5, false),
                            SCALE,
                            List.of(),
                            CHANNELS_ELSEWHERE),
                    new LayerType(
                            "droppath",
                            List.of(P, SCALING, MODE),
                            (o, x) -> dropPath(o),
                            plain(ANY_SOURCE),
                            ANY_INPUT,
                            SCALE,
                            List.of(new Example("droppath", 0.5, BOTH, 0.75, SAMPLE)),
                            "| `DropPath`: samples, or the batch | – | `DropPath`, `StochasticDepth`"
                                    + " | – | – | dropped samples of more than 64 elements are"
                                    + " not read |"),
                    new LayerType(
                            "alphadropout",
                            List.of(P, NOISE_SHAPE),
                            (o, x) -> new AlphaDropout(o.get(P), units(o)),
                            plain(STORED),
                            ANY_INPUT,
                            SCALE,
                            List.of(new Example("alphadropout", 0.1, APART, 1)),
                            ALPHA_ELSEWHERE),
                    new LayerType(
                            "featurealphadropout",
                            List.of(P, CHANNELS_LAST),
                            Catalogue::featureAlphaDropout,
                            plain(STORED),
                            new Inputs(2, 5, false),
                            SCALE,
                            List.of(),
                            ALPHA_ELSEWHERE),
                    new LayerType(
                            "gaussiandropout",
                            List.of(P),
                            (o, x) -> new GaussianDropout(o.get(P)),
                            plain(DRAWN),
                            ANY_INPUT,
                            new Strength(false, (l, kept, total) -> ((GaussianDropout) l).sigma()),
                            List.of(new Example("gaussiandropout", 0.1, APART, 1)),
                            "| `GaussianDropout`: times 1 + n √(p/(1-p)) | – | – | `GaussianDropout`"
                                    + " | `GaussianDropout` | p = 1 is refused, in Keras it divides by"
                                    + " zero |"),
                    new LayerType(
                            "gaussiannoise",
                            List.of(SIGMA),
                            (o, x) -> new GaussianNoise(o.get(SIGMA)),
                            plain(DRAWN),
                            ANY_INPUT,
                            new Strength(false, (l, kept, total) -> ((GaussianNoise) l).sigma()),
                            List.of(
                                    new Example("gaussiannoise", 0.1, APART, 1)
                                            .with(SIGMA, 0.1)),
                            "| `GaussianNoise`: plus σ n | – | – | `GaussianNoise` | `GaussianNoise`"
                                    + " | – |"),
                    new LayerType(
                            "dropoutadd",
                            List.of(P, SCALING),
                            (o, x) -> new DropoutAdd(new Dropout(o.get(P), o.get(SCALING))),
                            dropoutAdd(),
                            ANY_INPUT,
                            SCALE,
                            List.of(
                                    new Example("dropoutadd", 0.1, BOTH, 1.5, TOKEN).given("bias"),
                                    new Example("bias-gradient", 0.1, APART, 0.5, TOKEN)
                                            .of("bias-gradient")),
                            "| `DropoutAdd`: `residual + drop(x + bias)` | composed (Megatron,"
                                    + " flash-attention) | – | – | – | one pass, one rounding;"
                                    + " gradients of x and bias |"),
                    new LayerType(
                            "droppathadd",
                            List.of(P, SCALING, MODE),
                            (o, x) -> new DropPathAdd(dropPath(o)),
                            dropPathAdd(),
                            ANY_INPUT,
                            SCALE,
                            List.of(
                                    new Example("droppathadd", 0.5, IN_PLACE, 0.75, SAMPLE),
                                    new Example("droppathadd-gamma", 0.5, IN_PLACE, 0.75, SAMPLE)
                                            .given("gamma"),
                                    new Example("gamma-gradient", 0.5, APART, 0.5, SAMPLE)
                                            .of("gamma-gradient")),
                            "| `DropPathAdd`: `residual + drop(x · γ)` | – | `x + drop_path(γ · y)` |"
                                    + " – | – | one pass; in place, dropped samples are not touched"
                                    + " |"),
                    new LayerType(
                            "zoneout",
                            List.of(P, NOISE_SHAPE),
                            (o, x) -> new Zoneout(o.get(P), units(o)),
                            zoneout(),
                            ANY_INPUT,
                            SCALE,
                            List.of(new Example("zoneout", 0.1, BOTH, 1.5)),
                            "| `Zoneout`: `keep ? x : previous` | `where` (recurrent cells) | – | – |"
                                    + " – | bits are chosen; inference is the expectation, rounded"
                                    + " once; gradients of both |"),
                    new LayerType(
                            "dropconnect",
                            List.of(P, SCALING),
                            (o, x) -> new Dropout(o.get(P), o.get(SCALING)),
                            plain(ANY_SOURCE),
                            ANY_INPUT,
                            SCALE,
                            List.of(),
                            "| `Dropout` on weights | – | – | – | `DropConnect` | DL4J's p is kept |"),
                    new LayerType(
                            "dropblock2d",
                            List.of(P, BLOCK_SIZE, CENTRES, FACTOR, SHARED_BY_CHANNELS),
                            (o, x) -> dropBlock(2, o),
                            dropBlock(),
                            new Inputs(4, 4, true),
                            SCALE,
                            List.of(
                                    new Example("dropblock", 0.1, APART, 1, IMAGE)
                                            .with(BLOCK_SIZE, 7)),
                            BLOCKS_ELSEWHERE),
                    new LayerType(
                            "dropblock3d",
                            List.of(P, BLOCK_SIZE, CENTRES, FACTOR, SHARED_BY_CHANNELS),
                            (o, x) -> dropBlock(3, o),
                            dropBlock(),
                            new Inputs(5, 5, true),
                            SCALE,
                            List.of(),
                            BLOCKS_ELSEWHERE),
                    new LayerType(
                            "tokendrop",
                            List.of(P, PREFIX_TOKENS),
                            (o, x) -> tokenDrop(o),
                            tokenDrop(),
                            new Inputs(3, 3, false, List.of(TOKENS), Catalogue::allTokens),
                            SCALE,
                            List.of(
                                    new Example("tokendrop", 0.5, APART, 0.5, SAMPLE)
                                            .with(PREFIX_TOKENS, 1)),
                            "| `TokenDrop`: all but a fixed number of tokens | – | `PatchDropout` | –"
                                    + " | – | the nearest number, timm rounds down; in order |"));

    private Catalogue() {}

    /**
     * All layers.
     *
     * @return the type of each
     */
    public static List<LayerType> layers() {
        return LAYERS;
    }

    /**
     * A layer by its name.
     *
     * @param name such as {@code dropout2d}
     * @return its type
     * @throws IllegalArgumentException if there is none of this name
     */
    public static LayerType named(String name) {
        for (LayerType type : LAYERS) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                name + ", allowed are "
                        + LAYERS.stream().map(LayerType::name).collect(Collectors.joining(", ")));
    }

    private static Units units(Options options) {
        long[] noise = options.get(NOISE_SHAPE);
        return noise == null ? Units.elements() : Units.noiseShape(noise);
    }

    private static Channels channels(Options options) {
        return options.get(CHANNELS_LAST) ? Channels.LAST : Channels.FIRST;
    }

    private static DropPath dropPath(Options options) {
        return new DropPath(options.get(P), options.get(MODE), options.get(SCALING));
    }

    private static Layer featureAlphaDropout(Options options, long... shape) {
        double p = options.get(P);
        return options.get(CHANNELS_LAST) && shape.length >= 2
                ? new FeatureAlphaDropout(p, shape.length - 2, Channels.LAST)
                : new FeatureAlphaDropout(p);
    }

    private static DropBlock dropBlock(int dimensions, Options options) {
        return new DropBlock(dimensions, options.get(P), options.get(BLOCK_SIZE))
                .with(options.get(CENTRES))
                .with(options.get(FACTOR))
                .sharedByChannels(options.get(SHARED_BY_CHANNELS));
    }

    private static TokenDrop tokenDrop(Options options) {
        return new TokenDrop(options.get(P), options.get(PREFIX_TOKENS));
    }

    /** The factor of kept values. */
    private static double scale(Layer layer, long kept, long total) {
        return switch (layer) {
            case ScaledDropout scaled -> scaled.trainingScale();
            case AlphaDropout alpha -> alpha.trainingScale();
            case DropoutAdd add -> add.dropout().trainingScale();
            case DropPathAdd add -> add.dropPath().trainingScale();
            case DropBlock blocks ->
                    switch (blocks.factor()) {
                        case EXPECTED -> Scaling.IN_TRAINING.training(blocks.p());
                        case REALISED -> kept == 0 ? 0.0 : (double) total / kept;
                        case NONE -> 1.0;
                    };
            default -> 1.0;
        };
    }

    /** Passes with one input. */
    private static List<Pass> plain(Set<Source> sources) {
        return List.of(
                Pass.of(FORWARD, sources, FORWARDS, input("x"), output("y", "x")),
                Pass.of(BACKWARD, sources, BACKWARDS, input("dy"), output("dx", "dy")),
                Pass.of(
                        INFER,
                        Set.of(),
                        (layer, t, source, shard) -> layer.infer(t[0], t[1]),
                        input("x"),
                        output("y", "x")));
    }

    /** Blocks reach across images, and a factor may be that of all of them. */
    private static List<Pass> dropBlock() {
        Predicate<Layer> composes =
                layer -> ((DropBlock) layer).factor() != DropBlock.Factor.REALISED;
        return plain(STORED).stream().map(pass -> pass.within(2, composes)).toList();
    }

    /** Passes of a branch that is added to a residual. */
    private static List<Pass> branch(Operand vector, Pass backward, Pass sums) {
        Operand[] operands = {
            input("x"),
            vector,
            input("residual", "What is added to, of IN.npy's shape and type."),
            output("y", "x", "residual")
        };
        return List.of(
                Pass.of(
                        FORWARD,
                        STORED,
                        (layer, t, source, shard) ->
                                ((ResidualLayer) layer)
                                        .forward(t[0], t[1], t[2], t[3], source, shard),
                        operands),
                backward,
                Pass.of(
                        INFER,
                        Set.of(),
                        (layer, t, source, shard) ->
                                ((ResidualLayer) layer).infer(t[0], t[1], t[2], t[3]),
                        operands),
                sums.within(Pass.ALL, layer -> false));
    }

    private static List<Pass> dropoutAdd() {
        return branch(
                BIAS,
                Pass.of(BACKWARD, STORED, BACKWARDS, input("dy"), output("dx", "dy")),
                Pass.of(
                        "bias-gradient",
                        STORED,
                        (layer, t, source, shard) ->
                                ((DropoutAdd) layer).biasGradient(t[0], t[1], source, shard),
                        input("dy"),
                        output("dbias").with(Operand.OF_LAST)));
    }

    private static List<Pass> dropPathAdd() {
        return branch(
                GAMMA,
                Pass.of(
                        BACKWARD,
                        STORED,
                        (layer, t, source, shard) ->
                                ((DropPathAdd) layer).backward(t[0], t[1], t[2], source, shard),
                        input("dy"),
                        GAMMA,
                        output("dx", "dy")),
                Pass.of(
                        "gamma-gradient",
                        STORED,
                        (layer, t, source, shard) ->
                                ((DropPathAdd) layer)
                                        .gammaGradient(t[0], t[1], t[2], source, shard),
                        input("dy"),
                        input("x"),
                        output("dgamma").with(Operand.OF_LAST)));
    }

    /** Passes of a state and the one before. */
    private static List<Pass> zoneout() {
        Operand[] operands = {
            input("x"),
            input("previous", "The previous state, of IN.npy's shape and type."),
            output("y", "x", "previous")
        };
        return List.of(
                Pass.of(
                        FORWARD,
                        STORED,
                        (layer, t, source, shard) ->
                                ((Zoneout) layer).forward(t[0], t[1], t[2], source, shard),
                        operands),
                Pass.of(BACKWARD, STORED, BACKWARDS, input("dy"), output("dx", "dy")),
                Pass.of(
                        "previous-gradient",
                        STORED,
                        (layer, t, source, shard) ->
                                ((Zoneout) layer).backward(t[0], null, t[1], source, shard),
                        input("dy"),
                        output("dprevious", "dy")),
                Pass.of(
                        INFER,
                        Set.of(),
                        (layer, t, source, shard) -> ((Zoneout) layer).infer(t[0], t[1], t[2]),
                        operands));
    }

    private static List<Pass> tokenDrop() {
        Operand.Extents some =
                (layer, x) ->
                        new long[] {x[0], ((TokenDrop) layer).kept(Math.toIntExact(x[1])), x[2]};
        return List.of(
                Pass.of(FORWARD, DRAWN, FORWARDS, input("x"), output("y").with(some))
                        .within(1, layer -> true),
                Pass.of(BACKWARD, DRAWN, BACKWARDS, input("dy").with(some), output("dx"))
                        .within(1, layer -> true));
    }

    /** The shape with all tokens. */
    private static long[] allTokens(Options options, Pass pass, String called, long[] first) {
        if (first.length != 3) {
            throw new IllegalArgumentException(
                    called + " has rank " + first.length
                            + ", allowed with tokendrop is 3: (N, T, C)");
        }
        if (!pass.name().equals(BACKWARD)) {
            if (first[1] > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        called + " has " + first[1] + " tokens, allowed are up to "
                                + Integer.MAX_VALUE);
            }
            return first;
        }
        int tokens = options.get(TOKENS);
        int kept = tokenDrop(options).kept(tokens);
        if (first[1] != kept) {
            throw new IllegalArgumentException(
                    called + " has " + first[1] + " tokens, allowed with --tokens " + tokens
                            + " are " + kept + ", those that are kept");
        }
        return new long[] {first[0], tokens, first[2]};
    }
}
