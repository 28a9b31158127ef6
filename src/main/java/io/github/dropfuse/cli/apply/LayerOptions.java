package io.github.dropfuse.cli.apply;

import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Scaling;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that some layers take and others do not; {@link ApplyLayer} says which. */
final class LayerOptions {
    @Option(
            names = "--p",
            paramLabel = "P",
            converter = Numbers.Probability.class,
            description = {
                "Probability that a unit is dropped, 0 to 1; with gaussiandropout the strength,"
                        + " below 1.",
                "All but gaussiannoise."
            })
    private double p;

    @Option(
            names = "--scaling",
            paramLabel = "FORM",
            converter = Words.OfScaling.class,
            description = {
                "in-training (default), at-inference or none: where dropped units are made up for.",
                "dropout, dropout1d, dropout2d, dropout3d, droppath, dropconnect, dropoutadd,"
                        + " droppathadd."
            })
    private Scaling scaling = Scaling.IN_TRAINING;

    @Option(
            names = "--noise-shape",
            paramLabel = "N",
            split = ",",
            description = {
                "One decision for each position of this shape, such as 8,1,-1: 1 shares it along a"
                        + " dimension, -1 is the input's extent.",
                "dropout, alphadropout."
            })
    private long[] noiseShape;

    @Option(
            names = "--channels-last",
            description = {
                "(N, …, C) in place of (N, C, …).",
                "dropout1d, dropout2d, dropout3d, featurealphadropout."
            })
    private boolean channelsLast;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            converter = Words.OfMode.class,
            description = {
                "row (default) or batch: what is dropped as one.", "droppath, droppathadd."
            })
    private DropPath.Mode mode = DropPath.Mode.ROW;

    @Option(
            names = "--sigma",
            paramLabel = "S",
            description = {
                "Standard deviation of the noise, at least 0.", "gaussiannoise, which needs it."
            })
    private double sigma;

    @Option(
            names = "--residual",
            paramLabel = "FILE.npy",
            description = {
                "What is added to, of IN.npy's shape and type.",
                "dropoutadd, droppathadd, which need it unless --backward."
            })
    private Path residual;

    @Option(
            names = "--bias",
            paramLabel = "FILE.npy",
            description = {
                "Added before elements are dropped; as long as IN.npy's last dimension.",
                "dropoutadd, without --backward."
            })
    private Path bias;

    @Option(
            names = "--gamma",
            paramLabel = "FILE.npy",
            description = {
                "Multiplied with before samples are dropped; as long as IN.npy's last dimension.",
                "droppathadd."
            })
    private Path gamma;

    @Option(
            names = "--block-size",
            paramLabel = "N",
            description = {
                "Length of a block's sides, 1 to the least spatial extent.",
                "dropblock2d, dropblock3d, which need it."
            })
    private int blockSize;

    @Option(
            names = "--centres",
            paramLabel = "WHERE",
            converter = Words.OfCentres.class,
            description = {
                "valid (default) or everywhere: whether blocks at the border are cut off.",
                "dropblock2d, dropblock3d."
            })
    private DropBlock.Centres centres = DropBlock.Centres.VALID;

    @Option(
            names = "--factor",
            paramLabel = "OF",
            converter = Words.OfFactor.class,
            description = {
                "expected (default), realised or none: what kept values are multiplied by. With"
                        + " realised the mask of the whole file is in memory.",
                "dropblock2d, dropblock3d."
            })
    private DropBlock.Factor factor = DropBlock.Factor.EXPECTED;

    @Option(
            names = "--shared-by-channels",
            description = {
                "The same blocks in all channels of a sample.", "dropblock2d, dropblock3d."
            })
    private boolean sharedByChannels;

    @Option(
            names = "--prefix-tokens",
            paramLabel = "N",
            description = {
                "How many first tokens of each sample are always kept (default 0).", "tokendrop."
            })
    private int prefixTokens;

    @Option(
            names = "--tokens",
            paramLabel = "T",
            description = {
                "Tokens of a sample of the input, which --backward makes the gradient of.",
                "tokendrop, which needs it with --backward."
            })
    private int tokens;

    double p() {
        return p;
    }

    Scaling scaling() {
        return scaling;
    }

    /** Null for none. */
    long[] noiseShape() {
        return noiseShape;
    }

    Channels channels() {
        return channelsLast ? Channels.LAST : Channels.FIRST;
    }

    DropPath.Mode mode() {
        return mode;
    }

    double sigma() {
        return sigma;
    }

    Path residual() {
        return residual;
    }

    /** Null for none. */
    Path bias() {
        return bias;
    }

    /** Null for none. */
    Path gamma() {
        return gamma;
    }

    DropBlock.Factor factor() {
        return factor;
    }

    int prefixTokens() {
        return prefixTokens;
    }

    int tokens() {
        return tokens;
    }

    DropBlock dropBlock(int dimensions) {
        return new DropBlock(dimensions, p, blockSize)
                .with(centres)
                .with(factor)
                .sharedByChannels(sharedByChannels);
    }
}
