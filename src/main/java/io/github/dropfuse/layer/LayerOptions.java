package io.github.dropfuse.layer;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** The options of all layers. */
public final class LayerOptions {
    private static final double[] PROBABILITIES = {
        0, 1, 0.1, 0.17, 0.5, 0.9, 0.001, 0x1p-30, 0x1p-40, 0x1p-42, 1 - 0x1p-30, 1 - 0x1p-40
    };

    /** The probability that a unit is dropped. */
    public static final LayerOption<Double> P =
            new LayerOption<>(
                    "p",
                    Double.class,
                    "P",
                    "Probability that a unit is dropped, 0 to 1; with gaussiandropout the strength,"
                            + " below 1.",
                    null,
                    true,
                    (random, shape) -> probability(random));

    /** One decision for each position of a shape. */
    public static final LayerOption<long[]> NOISE_SHAPE =
            new LayerOption<>(
                    "noise-shape",
                    long[].class,
                    "N",
                    "One decision for each position of this shape, such as 8,1,-1: 1 shares it along"
                            + " a dimension, -1 is the input's extent.",
                    null,
                    false,
                    LayerOptions::noiseShape);

    static final LayerOption<Double> SIGMA =
            new LayerOption<>(
                    "sigma",
                    Double.class,
                    "S",
                    "Standard deviation of the noise, at least 0.",
                    null,
                    true,
                    (random, shape) -> probability(random) * (random.nextBoolean() ? 1 : 100));

    static final LayerOption<Scaling> SCALING =
            LayerOption.choice(
                    "scaling",
                    "FORM",
                    "in-training (default), at-inference or none: where dropped units are made up"
                            + " for.",
                    Scaling.IN_TRAINING);

    static final LayerOption<Boolean> CHANNELS_LAST =
            LayerOption.flag("channels-last", "(N, …, C) in place of (N, C, …).");

    static final LayerOption<DropPath.Mode> MODE =
            LayerOption.choice(
                    "mode",
                    "MODE",
                    "row (default) or batch: what is dropped as one.",
                    DropPath.Mode.ROW);

    static final LayerOption<Integer> BLOCK_SIZE =
            new LayerOption<>(
                    "block-size",
                    Integer.class,
                    "N",
                    "Length of a block's sides, 1 to the least spatial extent.",
                    null,
                    true,
                    LayerOptions::blockSize);

    static final LayerOption<DropBlock.Centres> CENTRES =
            LayerOption.choice(
                    "centres",
                    "WHERE",
                    "valid (default) or everywhere: whether blocks at the border are cut off.",
                    DropBlock.Centres.VALID);

    static final LayerOption<DropBlock.Factor> FACTOR =
            LayerOption.choice(
                    "factor",
                    "OF",
                    "expected (default), realised or none: what kept values are multiplied by. With"
                            + " realised the mask of the whole file is in memory.",
                    DropBlock.Factor.EXPECTED);

    static final LayerOption<Boolean> SHARED_BY_CHANNELS =
            LayerOption.flag("shared-by-channels", "The same blocks in all channels of a sample.");

    static final LayerOption<Integer> PREFIX_TOKENS =
            new LayerOption<>(
                    "prefix-tokens",
                    Integer.class,
                    "N",
                    "How many first tokens of each sample are always kept (default 0).",
                    0,
                    false,
                    (random, shape) -> random.nextInt((int) Math.min(4, shape[1] + 1)));

    static final LayerOption<Integer> TOKENS =
            new LayerOption<>(
                    "tokens",
                    Integer.class,
                    "T",
                    "Tokens of a sample of the input, which --backward makes the gradient of.",
                    null,
                    true,
                    (random, shape) -> Math.toIntExact(shape[1]));

    private LayerOptions() {}

    private static double probability(RandomGenerator random) {
        return random.nextBoolean()
                ? PROBABILITIES[random.nextInt(PROBABILITIES.length)]
                : random.nextDouble();
    }

    /** A noise shape that can be broadcast to a shape. */
    private static long[] noiseShape(RandomGenerator random, long[] shape) {
        long[] noise = new long[1 + random.nextInt(shape.length)];
        for (int d = 0; d < noise.length; d++) {
            boolean shared = random.nextBoolean();
            long extent = shape[shape.length - noise.length + d];
            boolean any = extent == 0 || d == 0 || random.nextBoolean();
            noise[d] = shared ? 1 : any ? -1 : extent;
        }
        return noise;
    }

    private static int blockSize(RandomGenerator random, long[] shape) {
        long least = Arrays.stream(shape).skip(2).min().orElseThrow();
        return 1 + random.nextInt((int) Math.clamp(least, 1, 7));
    }
}
