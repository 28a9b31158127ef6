package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * DropPath (stochastic depth), where p is the probability to DROP a sample of the batch. Kept
 * samples are multiplied by 1 / (1 - p). Deeplearning4j has none of its own.
 *
 * <p>It is for the branch of a residual block, as the last layer before the addition:
 *
 * <pre>{@code
 * graph.addLayer("path", new DropoutLayer(new DropfuseDropPath(0.1)), "branch")
 *         .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "path", "input");
 * }</pre>
 *
 * <p>{@link DropfuseDropPathVertex} does both in one pass.
 */
public final class DropfuseDropPath extends RateDropout {
    @Serial private static final long serialVersionUID = 1;

    /**
     * DropfuseDropPath with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseDropPath(double p) {
        this(p, null, null);
    }

    /**
     * DropfuseDropPath with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     */
    public DropfuseDropPath(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseDropPath(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        super(p, schedule, stream);
        checkValue(2);
    }

    @Override
    Layer layer(double p, int rank) {
        return new DropPath(p);
    }

    @Override
    DropfuseDropPath with(Stream stream) {
        return new DropfuseDropPath(value(), schedule(), stream);
    }
}
