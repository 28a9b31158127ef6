package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.Effect;

/** Where a layer makes up for the units that it drops. */
public enum Scaling {
    /**
     * In training: kept values are multiplied by 1 / (1 - p), inference is the identity. The usual
     * form, called inverted dropout.
     */
    IN_TRAINING,

    /**
     * At inference: training leaves kept values as they are, inference multiplies by 1 - p. The
     * form in which dropout was first published.
     */
    AT_INFERENCE,

    /** Nowhere: kept values stay as they are in training, and inference is the identity. */
    NONE;

    /** Factor of a kept value in training; 0 where p drops everything. */
    double training(double p) {
        return this != IN_TRAINING ? 1.0 : dropsAll(p) ? 0.0 : 1.0 / (1.0 - p);
    }

    /** Whether the mask contract's threshold, rint((1 - p) 2^40), is 0. */
    static boolean dropsAll(double p) {
        return 1.0 - p <= 0x1p-41;
    }

    /** What becomes of every value at inference. */
    Effect inference(double p) {
        double scale = this == AT_INFERENCE ? 1.0 - p : 1.0;
        return scale == 1.0 ? Effect.IDENTITY : Effect.drop(scale == 0.0 ? 1 : 0, scale);
    }
}
