package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Gaussian noise of a standard deviation σ; there is no p, and nothing to DROP. The numbers are
 * those of Deeplearning4j's own {@code GaussianNoise}. Adds σ · n, n standard normal.
 */
public final class DropfuseGaussianNoise extends StreamDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * DropfuseGaussianNoise with a constant stddev.
     *
     * @param stddev standard deviation, 0 to the largest finite number
     * @throws IllegalArgumentException if stddev is not in that range
     */
    public DropfuseGaussianNoise(double stddev) {
        this(stddev, null, null);
    }

    /**
     * DropfuseGaussianNoise with a stddev that changes with the iteration or epoch.
     *
     * @param schedule gives the standard deviation
     */
    public DropfuseGaussianNoise(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseGaussianNoise(
            @JsonProperty("stddev") double stddev,
            @JsonProperty("stddevSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        super(stddev, schedule, stream);
        checkValue(2);
    }

    /**
     * The standard deviation.
     *
     * @return NaN with a schedule
     */
    @JsonProperty("stddev")
    public double getStddev() {
        return value();
    }

    /**
     * The schedule of that value.
     *
     * @return null where it is constant
     */
    @JsonProperty("stddevSchedule")
    public ISchedule getStddevSchedule() {
        return schedule();
    }

    @Override
    Layer layer(double stddev, int rank) {
        return new GaussianNoise(stddev);
    }

    @Override
    DropfuseGaussianNoise with(Stream stream) {
        return new DropfuseGaussianNoise(value(), schedule(), stream);
    }
}
