package io.github.dropfuse.layer;

/**
 * Channel dropout for tensors (N, C, H, W) or (C, H, W), or with channels last: drops
 * whole channels of each sample with probability p in training. Tompson et al., <i>Efficient object
 * localization using convolutional networks</i>, arXiv:1411.4280. Elsewhere it is called
 * SpatialDropout2D. PyTorch takes rank 3 for (N, C, L), which is {@link Dropout1d}'s here.
 */
public final class Dropout2d extends ChannelDropout {
    /**
     * Inverted dropout of channels, which come first.
     *
     * @param p probability that a channel is dropped, 0 to 1
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
     */
    public Dropout2d(double p, Channels channels, Scaling scaling) {
        this(p, channels, scaling, Execution.automatic());
    }

    private Dropout2d(double p, Channels channels, Scaling scaling, Execution execution) {
        super(2, p, channels, scaling, execution);
    }

    @Override
    public Dropout2d withP(double newP) {
        return new Dropout2d(newP, channels(), scaling(), execution());
    }

    @Override
    public Dropout2d with(Execution execution) {
        return new Dropout2d(p(), channels(), scaling(), execution);
    }
}
