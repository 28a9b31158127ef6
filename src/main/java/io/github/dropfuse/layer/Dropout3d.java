package io.github.dropfuse.layer;

/**
 * Channel dropout for tensors (N, C, D, H, W) or (C, D, H, W), or with channels last: drops
 * whole channels of each sample with probability p in training. Tompson et al., <i>Efficient object
 * localization using convolutional networks</i>, arXiv:1411.4280. Elsewhere it is called
 * SpatialDropout3D.
 */
public final class Dropout3d extends ChannelDropout {
    /**
     * Inverted dropout of channels, which come first.
     *
     * @param p probability that a channel is dropped, 0 to 1
     */
    public Dropout3d(double p) {
        this(p, Channels.FIRST, Scaling.IN_TRAINING);
    }

    /**
     * Dropout of channels in a given form.
     *
     * @param p probability that a channel is dropped, 0 to 1
     * @param channels where the channels are
     * @param scaling where dropped channels are made up for
     */
    public Dropout3d(double p, Channels channels, Scaling scaling) {
        this(p, channels, scaling, Execution.automatic());
    }

    private Dropout3d(double p, Channels channels, Scaling scaling, Execution execution) {
        super(3, p, channels, scaling, execution);
    }

    @Override
    public Dropout3d withP(double newP) {
        return new Dropout3d(newP, channels(), scaling(), execution());
    }

    @Override
    public Dropout3d with(Execution execution) {
        return new Dropout3d(p(), channels(), scaling(), execution);
    }
}
