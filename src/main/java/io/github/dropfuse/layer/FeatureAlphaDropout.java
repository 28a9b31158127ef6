package io.github.dropfuse.layer;

/** {@link AlphaDropout} of whole channels of each sample. */
public final class FeatureAlphaDropout extends AlphaDropout {
    /**
     * For tensors (N, C, …) of rank 2 or more.
     *
     * @param p probability that a channel is dropped, 0 to 1
     */
    public FeatureAlphaDropout(double p) {
        this(p, Units.channels(), Execution.automatic());
    }

    /**
     * For tensors with a fixed number of spatial dimensions, with a batch dimension or without.
     *
     * @param p probability that a channel is dropped, 0 to 1
     * @param spatialDimensions dimensions beside the batch and the channels, at least 0
     * @param channels where the channels are
     */
    public FeatureAlphaDropout(double p, int spatialDimensions, Channels channels) {
        this(p, Units.channels(spatialDimensions, channels), Execution.automatic());
    }

    private FeatureAlphaDropout(double p, Units units, Execution execution) {
        super(p, units, execution);
    }

    @Override
    public FeatureAlphaDropout withP(double newP) {
        return new FeatureAlphaDropout(newP, units(), execution());
    }

    @Override
    public FeatureAlphaDropout with(Execution execution) {
        return new FeatureAlphaDropout(p(), units(), execution);
    }
}
