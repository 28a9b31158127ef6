package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Alpha dropout, where p is the probability to DROP an element, while Deeplearning4j's own {@code
 * AlphaDropout} takes the probability to keep one. For SELU activations: it keeps a mean of 0 and a
 * variance of 1.
 */
public final class DropfuseAlphaDropout extends RateDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * DropfuseAlphaDropout with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseAlphaDropout(double p) {
        this(p, null, null);
    }

    /**
     * DropfuseAlphaDropout with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     */
    public DropfuseAlphaDropout(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseAlphaDropout(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        super(p, schedule, stream);
        checkValue(2);
    }

    @Override
    Layer layer(double p, int rank) {
        return new AlphaDropout(p);
    }

    @Override
    DropfuseAlphaDropout with(Stream stream) {
        return new DropfuseAlphaDropout(value(), schedule(), stream);
    }
}
