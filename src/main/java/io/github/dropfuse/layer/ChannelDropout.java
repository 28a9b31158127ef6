package io.github.dropfuse.layer;

/** Dropout of whole channels, of tensors with a fixed number of spatial dimensions. */
abstract sealed class ChannelDropout extends ScaledDropout permits Dropout1d, Dropout2d, Dropout3d {
    private final Channels channels;

    ChannelDropout(
            int spatialDimensions,
            double p,
            Channels channels,
            Scaling scaling,
            Execution execution) {
        super(p, Units.channels(spatialDimensions, channels), scaling, execution);
        this.channels = channels;
    }

    /** {@return where the channels are} */
    public final Channels channels() {
        return channels;
    }

    /** Name, p, channels and scaling. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[p=" + p() + ", channels=" + channels + ", scaling="
                + scaling() + "]";
    }
}
