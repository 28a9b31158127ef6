package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Dropout, where p is the probability to DROP an element, while Deeplearning4j's own {@code
 * Dropout} takes the probability to keep one. Kept elements are multiplied by 1 / (1 - p).
 *
 * <pre>{@code
 * new DenseLayer.Builder().nOut(256).dropOut(new DropfuseDropout(0.2)).build();
 * }</pre>
 *
 * <p>p = 0 drops nothing and p = 1 everything; {@code dropOut(0.0)}, with a number, is
 * Deeplearning4j's way to turn dropout off.
 */
public final class DropfuseDropout extends RateDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * DropfuseDropout with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseDropout(double p) {
        this(p, null, null);
    }

    /**
     * DropfuseDropout with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     */
    public DropfuseDropout(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseDropout(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        super(p, schedule, stream);
        checkValue(2);
    }

    @Override
    Layer layer(double p, int rank) {
        return new Dropout(p);
    }

    @Override
    DropfuseDropout with(Stream stream) {
        return new DropfuseDropout(value(), schedule(), stream);
    }
}
