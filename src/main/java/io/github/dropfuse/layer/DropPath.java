package io.github.dropfuse.layer;

import java.util.Objects;

/**
 * DropPath, also called stochastic depth: drops whole samples of a residual branch with probability
 * p in training, before the branch is added back. Huang et al., <i>Deep networks with stochastic
 * depth</i>, arXiv:1603.09382; Larsson et al., <i>FractalNet</i>, arXiv:1605.07648.
 *
 * <p>The first dimension of its input is the batch. Dropped samples of more than 64 elements are not
 * read.
 */
public final class DropPath extends ScaledDropout {
    /** What is dropped as one. */
    public enum Mode {
        /** Each sample for itself, as in timm, and torchvision's {@code row}. */
        ROW(Units.samples()),
        /** The whole batch, as in torchvision's {@code batch}: it is unit 0, of every shard too. */
        BATCH(Units.batch());

        private final Units units;

        Mode(Units units) {
            this.units = units;
        }
    }

    private final Mode mode;

    /**
     * DropPath by sample, with kept samples scaled by 1 / (1 - p).
     *
     * @param p probability that a sample is dropped, 0 to 1
     */
    public DropPath(double p) {
        this(p, Mode.ROW, Scaling.IN_TRAINING);
    }

    /**
     * DropPath in a given form.
     *
     * @param p probability that a sample, or the batch, is dropped, 0 to 1
     * @param mode what is dropped as one
     * @param scaling where dropped samples are made up for; {@link Scaling#NONE} is timm's {@code
     *     scale_by_keep=False}
     */
    public DropPath(double p, Mode mode, Scaling scaling) {
        this(p, mode, scaling, Execution.automatic());
    }

    private DropPath(double p, Mode mode, Scaling scaling, Execution execution) {
        super(p, Objects.requireNonNull(mode, "mode").units, scaling, execution);
        this.mode = mode;
    }

    @Override
    public DropPath withP(double newP) {
        return new DropPath(newP, mode, scaling(), execution());
    }

    @Override
    public DropPath with(Execution execution) {
        return new DropPath(p(), mode, scaling(), execution);
    }

    /** {@return what is dropped as one} */
    public Mode mode() {
        return mode;
    }

    /** Name, p, mode and scaling. */
    @Override
    public String toString() {
        return "DropPath[p=" + p() + ", mode=" + mode + ", scaling=" + scaling() + "]";
    }
}
