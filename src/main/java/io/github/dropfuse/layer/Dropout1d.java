package io.github.dropfuse.layer;

/**
 * Channel dropout for tensors (N, C, L) or (C, L), or with channels last: drops
 * whole channels of each sample with probability p in training. Tompson et al., <i>Efficient object
 * localization using convolutional networks</i>, arXiv:1411.4280. Elsewhere it is called
 * SpatialDropout1D.
 */
public final class Dropout1d extends ChannelDropout {
    /**
     * Inverted dropout of channels, which come first.
     *
     * @param p probability that a channel is dropped, 0 to 1
     */
    public Dropout1d(double p) {
        this(p, Channels.FIRST, Scaling.IN_TRAINING);
    }

    /**
     * Dropout of channels in a given form.
     *
     * @param p probability that a channel is dropped, 0 to 1
     * @param channels where the channels are
     * @param scaling where dropped channels are made up for
     */
    public Dropout1d(double p, Channels channels, Scaling scaling) {
        this(p, channels, scaling, Execution.automatic());
    }

    private Dropout1d(double p, Channels channels, Scaling scaling, Execution execution) {
        super(1, p, channels, scaling, execution);
    }

    @Override
    public Dropout1d withP(double newP) {
        return new Dropout1d(newP, channels(), scaling(), execution());
    }

    @Override
    public Dropout1d with(Execution execution) {
        return new Dropout1d(p(), channels(), scaling(), execution);
    }
}
