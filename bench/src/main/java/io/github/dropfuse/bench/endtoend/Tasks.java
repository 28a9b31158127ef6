package io.github.dropfuse.bench.endtoend;

import java.util.List;

/** The tasks' names and sizes, which are the same in all frameworks. */
public final class Tasks {
    /** Dropout by itself on 64 x 256 elements. */
    public static final String SMALL_DROPOUT = "Dropout, 16 Ki elements";

    /** Dropout by itself on the activations that the block has inside. */
    public static final String LARGE_DROPOUT = "Dropout, 4.8 million elements";

    /** A training step of a transformer's block of two dense layers. */
    public static final String MLP = "training step, transformer MLP";

    /** A training step of a small residual network for digits. */
    public static final String DIGITS = "training step, digits network";

    /** Samples, tokens and channels that the block sees, and channels inside. */
    static final int SAMPLES = 8;

    static final int TOKENS = 197;
    static final int CHANNELS = 768;
    static final int HIDDEN = 3072;
    static final double MLP_P = 0.1;

    /** A batch of digits, and the network. */
    static final int BATCH = 64;

    static final int SIDE = 8;
    static final int FILTERS = 64;
    static final int UNITS = 256;
    static final int CLASSES = 10;
    static final double DIGITS_P = 0.2;

    private Tasks() {}

    /**
     * All of them.
     *
     * @return their names
     */
    public static List<String> all() {
        return List.of(MLP, DIGITS, LARGE_DROPOUT, SMALL_DROPOUT);
    }

    /** Of the residual blocks, rising with their depth. */
    static double[] dropPathRates() {
        return new double[] {0.05, 0.1, 0.15};
    }
}
