package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.FeatureAlphaDropout;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.ScaledDropout;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.TokenDrop;
import io.github.dropfuse.layer.Units;
import io.github.dropfuse.layer.Zoneout;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/** Each layer in its forms: the options of the command, and the layer called from Java. */
final class ApplyCases {
    static final PhiloxState STATE = new PhiloxState(5, 9);
    static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    private ApplyCases() {}

    /** Tensors of one call; {@code vector} and {@code residual} are of their files. */
    record Call(
            Arena arena, Tensor x, Tensor y, Tensor vector, Tensor residual, long start) {}

    /** A layer called from Java; returns what the command says of it. */
    @FunctionalInterface
    interface Java {
        String run(Call call);
    }

    /** R and V in the options stand for the files of a residual or previous state, and a vector. */
    record Case(String options, Java forward, Java backward, long... shape) {
        String line() {
            return "--layer " + options + " --seed 5 --offset 9";
        }

        String layer() {
            return options.substring(0, options.indexOf(' '));
        }

        @Override
        public String toString() {
            return options + " on " + Arrays.toString(shape);
        }
    }

    private static Case units(String options, Layer layer, double scale, long... shape) {
        return new Case(
                options,
                c -> {
                    layer.forward(c.x, c.y, STATE, c.start);
                    return kept(layer, scale, c);
                },
                c -> {
                    layer.backward(c.x, c.y, STATE, c.start);
                    return kept(layer, scale, c);
                },
                shape);
    }

    private static String kept(Layer layer, double scale, Call c) {
        return kept(layer.mask(c.arena, c.x, STATE, c.start), scale, c.x.dtype());
    }

    private static String kept(Mask mask, double scale, DType dtype) {
        return "kept=" + mask.kept() + " total=" + mask.units() + " scale=" + text(scale, dtype);
    }

    private static String text(double value, DType dtype) {
        return dtype == DType.FLOAT64 ? Double.toString(value) : Float.toString((float) value);
    }

    private static Case scaled(String options, ScaledDropout layer, long... shape) {
        return units(options, layer, layer.trainingScale(), shape);
    }

    private static Case noise(String noise, long[] noiseShape, long... shape) {
        return scaled(
                "dropout --p 0.4 --noise-shape " + noise,
                new Dropout(0.4, Scaling.IN_TRAINING, Units.noiseShape(noiseShape)).with(REFERENCE),
                shape);
    }

    private static Case dropoutAdd(String options, Scaling scaling, boolean bias, long... shape) {
        DropoutAdd layer = new DropoutAdd(new Dropout(0.3, scaling).with(REFERENCE));
        double scale = layer.dropout().trainingScale();
        return new Case(
                "dropoutadd --p 0.3 " + options,
                c -> {
                    layer.forward(c.x, bias ? c.vector : null, c.residual, c.y, STATE, c.start);
                    return kept(layer.dropout(), scale, c);
                },
                c -> {
                    layer.backward(c.x, c.y, STATE, c.start);
                    return kept(layer.dropout(), scale, c);
                },
                shape);
    }

    private static Case zoneout(String options, Units units, long... shape) {
        Zoneout layer = new Zoneout(0.3, units).with(REFERENCE);
        return new Case(
                "zoneout --p 0.3 " + options,
                c -> {
                    layer.forward(c.x, c.residual, c.y, STATE, c.start);
                    return kept(layer, 1, c);
                },
                c -> {
                    layer.backward(c.x, c.y, STATE, c.start);
                    return kept(layer, 1, c);
                },
                shape);
    }

    private static Case dropPathAdd(
            String options, DropPath.Mode mode, boolean gamma, long... shape) {
        DropPathAdd layer =
                new DropPathAdd(new DropPath(0.5, mode, Scaling.IN_TRAINING).with(REFERENCE));
        return new Case(
                "droppathadd --p 0.5 " + options,
                c -> {
                    layer.forward(c.x, gamma ? c.vector : null, c.residual, c.y, STATE, c.start);
                    return kept(layer.dropPath(), 2, c);
                },
                c -> {
                    layer.backward(c.x, gamma ? c.vector : null, c.y, STATE, c.start);
                    return kept(layer.dropPath(), 2, c);
                },
                shape);
    }

    private static Case blocks(String options, DropBlock made, long... shape) {
        DropBlock layer = made.with(REFERENCE);
        double expected = 1 / (1 - made.p());
        return new Case(
                options,
                c -> {
                    layer.forward(c.x, c.y, STATE, c.start);
                    return kept(layer, options, expected, c);
                },
                c -> {
                    layer.backward(c.x, c.y, STATE, c.start);
                    return kept(layer, options, expected, c);
                },
                shape);
    }

    private static String kept(DropBlock layer, String options, double expected, Call c) {
        Mask mask = layer.mask(c.arena, c.x, STATE, c.start);
        double scale =
                options.contains("none")
                        ? 1
                        : options.contains("realised")
                                ? (double) mask.units() / mask.kept()
                                : expected;
        return kept(mask, scale, c.x.dtype());
    }

    private static Case tokens(int prefix, long samples, int tokens, long channels) {
        TokenDrop layer = new TokenDrop(0.4, prefix).with(REFERENCE);
        String outcome =
                "kept=" + samples * layer.kept(tokens) + " total=" + samples * tokens
                        + " scale=1.0";
        return new Case(
                "tokendrop --p 0.4" + (prefix == 0 ? "" : " --prefix-tokens " + prefix),
                c -> {
                    long[] indices = layer.indices((int) samples, tokens, STATE, c.start);
                    layer.forward(c.x, c.y, indices);
                    return outcome;
                },
                c -> {
                    long[] indices = layer.indices((int) samples, tokens, STATE, c.start);
                    layer.backward(c.x, c.y, indices);
                    return outcome;
                },
                samples,
                tokens,
                channels);
    }

    static List<Case> all() {
        GaussianDropout gaussian = new GaussianDropout(0.3).with(REFERENCE);
        GaussianNoise noise = new GaussianNoise(0.25).with(REFERENCE);
        AlphaDropout alpha = new AlphaDropout(0.3).with(REFERENCE);
        AlphaDropout alphaNoise =
                new AlphaDropout(0.3, Units.noiseShape(1, -1)).with(REFERENCE);
        FeatureAlphaDropout feature = new FeatureAlphaDropout(0.3).with(REFERENCE);
        FeatureAlphaDropout featureLast =
                new FeatureAlphaDropout(0.3, 2, Channels.LAST).with(REFERENCE);
        return List.of(
                scaled("dropout --p 0.3", new Dropout(0.3).with(REFERENCE), 5, 40),
                scaled("dropout --p 0.3", new Dropout(0.3).with(REFERENCE)),
                scaled("dropout --p 0.3", new Dropout(0.3).with(REFERENCE), 4, 0),
                scaled("dropout --p 1", new Dropout(1).with(REFERENCE), 7),
                scaled("dropout --p 0.3 --scaling at-inference",
                        new Dropout(0.3, Scaling.AT_INFERENCE).with(REFERENCE), 70),
                scaled("dropout --p 0.3 --scaling none",
                        new Dropout(0.3, Scaling.NONE).with(REFERENCE), 3, 30),
                scaled("dropconnect --p 0.3", new Dropout(0.3).with(REFERENCE), 20, 30),
                noise("8,1,-1", new long[] {8, 1, -1}, 8, 5, 6),
                noise("8,1,6", new long[] {8, 1, 6}, 8, 5, 6),
                noise("1,5,1", new long[] {1, 5, 1}, 8, 5, 6),
                noise("-1,1", new long[] {-1, 1}, 8, 5, 6),
                noise("1,1,1", new long[] {1, 1, 1}, 8, 5, 6),
                noise("3,1,4,1", new long[] {3, 1, 4, 1}, 3, 5, 4, 6),
                noise("1,5,1,6", new long[] {1, 5, 1, 6}, 4, 5, 3, 6),
                noise("1,6", new long[] {1, 6}, 1, 6),
                noise("9", new long[] {9}, 9),
                scaled("dropout1d --p 0.3", new Dropout1d(0.3).with(REFERENCE), 6, 7, 9),
                scaled("dropout1d --p 0.3", new Dropout1d(0.3).with(REFERENCE), 17, 9),
                scaled("dropout1d --p 0.3 --channels-last",
                        new Dropout1d(0.3, Channels.LAST, Scaling.IN_TRAINING).with(REFERENCE),
                        4, 9, 7),
                scaled("dropout1d --p 0.3 --channels-last",
                        new Dropout1d(0.3, Channels.LAST, Scaling.IN_TRAINING).with(REFERENCE),
                        9, 7),
                scaled("dropout2d --p 0.3", new Dropout2d(0.3).with(REFERENCE), 6, 7, 3, 4),
                scaled("dropout2d --p 0.3 --scaling none --channels-last",
                        new Dropout2d(0.3, Channels.LAST, Scaling.NONE).with(REFERENCE), 5, 4, 7),
                scaled("dropout3d --p 0.3", new Dropout3d(0.3).with(REFERENCE), 3, 7, 2, 3, 4),
                scaled("dropout3d --p 0.3 --channels-last",
                        new Dropout3d(0.3, Channels.LAST, Scaling.IN_TRAINING).with(REFERENCE),
                        3, 2, 3, 4, 7),
                scaled("droppath --p 0.5", new DropPath(0.5).with(REFERENCE), 30, 3, 7),
                scaled("droppath --p 0.5 --mode batch",
                        new DropPath(0.5, DropPath.Mode.BATCH, Scaling.IN_TRAINING)
                                .with(REFERENCE),
                        30, 7),
                scaled("droppath --p 0.5 --scaling none",
                        new DropPath(0.5, DropPath.Mode.ROW, Scaling.NONE).with(REFERENCE), 30),
                units("alphadropout --p 0.3", alpha, alpha.trainingScale(), 5, 40),
                units("alphadropout --p 0.3 --noise-shape 1,-1",
                        alphaNoise, alpha.trainingScale(), 6, 40),
                units("featurealphadropout --p 0.3", feature, feature.trainingScale(), 9, 8, 3),
                units("featurealphadropout --p 0.3 --channels-last",
                        featureLast, featureLast.trainingScale(), 5, 3, 4, 8),
                new Case("gaussiandropout --p 0.3",
                        c -> {
                            gaussian.forward(c.x, c.y, STATE, c.start);
                            return normals(gaussian.sigma(), c);
                        },
                        c -> {
                            gaussian.backward(c.x, c.y, STATE, c.start);
                            return normals(gaussian.sigma(), c);
                        },
                        5, 40),
                new Case("gaussiannoise --sigma 0.25",
                        c -> {
                            noise.forward(c.x, c.y, STATE, c.start);
                            return normals(0.25, c);
                        },
                        c -> {
                            noise.backward(c.x, c.y);
                            return normals(0.25, c);
                        },
                        5, 40),
                dropoutAdd("--residual R", Scaling.IN_TRAINING, false, 6, 5, 7),
                dropoutAdd("--residual R --bias V", Scaling.IN_TRAINING, true, 6, 5, 7),
                dropoutAdd("--residual R --bias V", Scaling.IN_TRAINING, true, 50),
                dropoutAdd("--residual R --bias V --scaling none", Scaling.NONE, true, 50, 7),
                dropoutAdd("--residual R", Scaling.IN_TRAINING, false),
                dropPathAdd("--residual R", DropPath.Mode.ROW, false, 20, 5, 7),
                dropPathAdd("--residual R --gamma V", DropPath.Mode.ROW, true, 20, 5, 7),
                dropPathAdd("--residual R --gamma V", DropPath.Mode.ROW, true, 20),
                dropPathAdd("--residual R --gamma V --mode batch", DropPath.Mode.BATCH, true, 9, 7),
                zoneout("--previous R", Units.elements(), 6, 5, 7),
                zoneout("--previous R", Units.elements()),
                zoneout("--previous R --noise-shape -1,1", Units.noiseShape(-1, 1), 20, 7),
                blocks("dropblock2d --p 0.2 --block-size 3", new DropBlock(2, 0.2, 3), 5, 3, 7, 8),
                blocks("dropblock2d --p 0.2 --block-size 2 --centres everywhere --factor none",
                        new DropBlock(2, 0.2, 2)
                                .with(DropBlock.Centres.EVERYWHERE)
                                .with(DropBlock.Factor.NONE),
                        5, 3, 7, 8),
                blocks("dropblock2d --p 0.2 --block-size 2 --factor realised --shared-by-channels",
                        new DropBlock(2, 0.2, 2)
                                .with(DropBlock.Factor.REALISED)
                                .sharedByChannels(true),
                        9, 3, 7, 8),
                blocks("dropblock2d --p 0.2 --block-size 2", new DropBlock(2, 0.2, 2), 0, 3, 7, 8),
                blocks("dropblock3d --p 0.2 --block-size 2 --shared-by-channels",
                        new DropBlock(3, 0.2, 2).sharedByChannels(true), 5, 2, 3, 4, 5),
                blocks("dropblock3d --p 0.2 --block-size 2 --factor realised",
                        new DropBlock(3, 0.2, 2).with(DropBlock.Factor.REALISED), 5, 2, 3, 4, 5),
                tokens(0, 6, 10, 3),
                tokens(2, 6, 10, 3),
                tokens(1, 4, 1, 5));
    }

    private static String normals(double sigma, Call c) {
        return "total=" + c.x.size() + " sigma=" + text(sigma, c.x.dtype());
    }
}
