package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Gaussian dropout, where p is the rate at which Dropout would DROP, as in Deeplearning4j's own
 * {@code GaussianDropout}. Multiplies by 1 + n · √(p / (1 - p)), n standard normal.
 */
public final class DropfuseGaussianDropout extends RateDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * DropfuseGaussianDropout with a constant p.
     *
     * @param p the rate, 0 to below 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseGaussianDropout(double p) {
        this(p, null, null);
    }

    /**
     * DropfuseGaussianDropout with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the rate
     */
    public DropfuseGaussianDropout(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseGaussianDropout(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        super(p, schedule, stream);
        checkValue(2);
    }

    @Override
    Layer layer(double p, int rank) {
        return new GaussianDropout(p);
    }

    @Override
    DropfuseGaussianDropout with(Stream stream) {
        return new DropfuseGaussianDropout(value(), schedule(), stream);
    }
}
