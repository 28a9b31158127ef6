package io.github.dropfuse.layer;

/**
 * Channel dropout for tensors (N, C, H, W) or (C, H, W), or with channels last: drops
 * whole channels of each sample with probability p in training. Tompson et al., <i>Efficient object
 * localization using convolutional networks</i>, arXiv:1411.4280. Elsewhere it is called
 * SpatialDropout2D. PyTorch takes rank 3 for (N, C, L), which is {@link Dropout1d}'s here.
 */
public final class Dropout2d extends ScaledDropout {
    private static final int SPATIAL_DIMENSIONS = 2;

    private final Channels channels;

    /**
     * Inverted dropout of channels, which come first.
     *
     * @param p probability that a channel is dropped, 0 to 1
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public Dropout2d(double p) {
        this(p, Channels.FIRST, Scaling.IN_TRAINING);
    }

    /**
     * Dropout of channels in a given form.
     *
     * @param p probability that a channel is dropped, 0 to 1
     * @param channels where the channels are
     * @param scaling where dropped channels are made up for
     * @throws IllegalArgumentException if p is not in [0, 1]
     */
    public Dropout2d(double p, Channels channels, Scaling scaling) {
        this(p, channels, scaling, Execution.automatic());
    }

    private Dropout2d(double p, Channels channels, Scaling scaling, Execution execution) {
        super(p, Units.channels(SPATIAL_DIMENSIONS, channels), scaling, execution);
        this.channels = channels;
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the probability, 0 to 1
     * @return a new layer
     * @throws IllegalArgumentException if it is not in [0, 1]
     */
    public Dropout2d withP(double newP) {
        return new Dropout2d(newP, channels, scaling(), execution());
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param execution where and on which threads
     * @return a new layer
     */
    public Dropout2d with(Execution execution) {
        return new Dropout2d(p(), channels, scaling(), execution);
    }

    /**
     * Where the channels are.
     *
     * @return first or last
     */
    public Channels channels() {
        return channels;
    }

    /** Name, p, channels and scaling. */
    @Override
    public String toString() {
        return "Dropout2d[p=" + p() + ", channels=" + channels + ", scaling=" + scaling() + "]";
    }
}
