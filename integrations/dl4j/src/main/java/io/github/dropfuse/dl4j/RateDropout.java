package io.github.dropfuse.dl4j;

import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** What dropouts with a rate p share. */
public abstract sealed class RateDropout extends StreamDropout
        permits DropfuseAlphaDropout,
                DropfuseDropPath,
                DropfuseDropout,
                DropfuseGaussianDropout,
                DropfuseSpatialDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * A dropout.
     *
     * @param p the rate; NaN with a schedule
     * @param schedule of the rate, or null
     * @param stream where masks come from, or null for a new one
     */
    RateDropout(double p, ISchedule schedule, Stream stream) {
        super(p, schedule, stream);
    }

    /**
     * The probability to drop; of Gaussian dropout, its rate.
     *
     * @return NaN with a schedule
     */
    @JsonProperty("p")
    public double getP() {
        return value();
    }

    /**
     * The schedule of that value.
     *
     * @return null where it is constant
     */
    @JsonProperty("pSchedule")
    public ISchedule getPSchedule() {
        return schedule();
    }
}
