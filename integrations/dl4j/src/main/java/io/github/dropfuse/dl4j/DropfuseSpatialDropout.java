package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.layer.Scaling;
import java.io.Serial;
import java.util.Objects;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Channel dropout, where p is the probability to DROP a channel of a sample, while Deeplearning4j's
 * own {@code SpatialDropout} takes the probability to keep one. Kept channels are multiplied by 1 /
 * (1 - p).
 *
 * <p>By the activations' rank it is {@link Dropout1d} of rank 3, (minibatch, channels, length);
 * {@link Dropout2d} of rank 4, (minibatch, channels, height, width); {@link Dropout3d} of rank 5.
 * For layers in the formats NWC, NHWC and NDHWC give {@link Channels#LAST}, which Deeplearning4j's
 * own does not know. Other ranks are refused.
 */
public final class DropfuseSpatialDropout extends RateDropout {
    @Serial private static final long serialVersionUID = 1;

    private static final int LOWEST_RANK = 3;

    /** Which dimension the channels are. */
    private final Channels channels;

    /**
     * Channel dropout with a constant p, channels first.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseSpatialDropout(double p) {
        this(p, Channels.FIRST);
    }

    /**
     * Channel dropout with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @param channels which dimension the channels are
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseSpatialDropout(double p, Channels channels) {
        this(p, null, channels, null);
    }

    /**
     * Channel dropout with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     * @param channels which dimension the channels are
     */
    public DropfuseSpatialDropout(ISchedule schedule, Channels channels) {
        this(Double.NaN, schedule, channels, null);
    }

    @JsonCreator
    private DropfuseSpatialDropout(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("channels") Channels channels,
            @JsonProperty("stream") Stream stream) {
        super(p, schedule, stream);
        this.channels = Objects.requireNonNull(channels, "channels");
        checkValue(LOWEST_RANK);
    }

    /**
     * Which dimension the channels are.
     *
     * @return first or last
     */
    @JsonProperty("channels")
    public Channels getChannels() {
        return channels;
    }

    @Override
    Layer layer(double p, int rank) {
        return switch (rank) {
            case LOWEST_RANK -> new Dropout1d(p, channels, Scaling.IN_TRAINING);
            case LOWEST_RANK + 1 -> new Dropout2d(p, channels, Scaling.IN_TRAINING);
            case LOWEST_RANK + 2 -> new Dropout3d(p, channels, Scaling.IN_TRAINING);
            default -> throw new IllegalArgumentException(
                    "activations have rank " + rank
                            + ", with channel dropout allowed are 3, 4 and 5");
        };
    }

    @Override
    DropfuseSpatialDropout with(Stream stream) {
        return new DropfuseSpatialDropout(value(), schedule(), channels, stream);
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof DropfuseSpatialDropout that
                && that.channels == channels;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + channels.hashCode();
    }
}
