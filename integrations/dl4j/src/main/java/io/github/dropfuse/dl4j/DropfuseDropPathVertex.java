package io.github.dropfuse.dl4j;

import io.github.dropfuse.layer.DropPath;
import java.io.Serial;
import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The end of a residual block, {@code residual + drop(branch)}, where p is the probability to DROP
 * a sample of the branch (DropPath, stochastic depth). Kept samples of it are multiplied by 1 / (1
 * - p). In training it is one pass, which does not read dropped samples of more than 64 elements;
 * else it is the sum. The stream is as {@link StreamDropout} says.
 *
 * <pre>{@code
 * graph.addVertex("sum", new DropfuseDropPathVertex(0.1), "branch", "residual");
 * }</pre>
 *
 * <p>The inputs are the branch and the residual, of one shape.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.NONE,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public final class DropfuseDropPathVertex extends GraphVertex {
    @Serial private static final long serialVersionUID = 1;

    /** The probability to drop, NaN with a schedule. */
    private final double p;

    /** Of the probability, or null. */
    private final ISchedule schedule;

    /** Where masks come from. */
    private final Stream stream;

    /**
     * A residual sum with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseDropPathVertex(double p) {
        this(p, null, null);
    }

    /**
     * A residual sum with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     */
    public DropfuseDropPathVertex(ISchedule schedule) {
        this(Double.NaN, schedule, null);
    }

    @JsonCreator
    private DropfuseDropPathVertex(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("stream") Stream stream) {
        this.p = p;
        this.schedule = schedule;
        this.stream = stream == null ? Stream.seeded(null) : stream;
        if (schedule == null) {
            new DropPath(p);
        }
    }

    /**
     * The same with a seed of its own, see {@link StreamDropout#seeded}.
     *
     * @param seed any 64 bits
     * @return a new vertex at the beginning of its stream
     */
    public DropfuseDropPathVertex seeded(long seed) {
        return new DropfuseDropPathVertex(p, schedule, Stream.seeded(seed));
    }

    /**
     * The probability to drop.
     *
     * @return NaN with a schedule
     */
    @JsonProperty("p")
    public double getP() {
        return p;
    }

    /**
     * The schedule of that value.
     *
     * @return null where it is constant
     */
    @JsonProperty("pSchedule")
    public ISchedule getPSchedule() {
        return schedule;
    }

    @JsonProperty
    Stream stream() {
        return stream;
    }

    DropPath at(int iteration, int epoch) {
        return new DropPath(schedule == null ? p : schedule.valueAt(iteration, epoch));
    }

    /** A copy at the same place of the same stream. */
    @Override
    public DropfuseDropPathVertex clone() {
        return new DropfuseDropPathVertex(p, schedule, stream.copy());
    }

    /** Equal are p, the schedule and the seed. */
    @Override
    public boolean equals(Object other) {
        return other instanceof DropfuseDropPathVertex that
                && Double.compare(that.p, p) == 0
                && Objects.equals(that.schedule, schedule)
                && Objects.equals(that.stream.seed(), stream.seed());
    }

    @Override
    public int hashCode() {
        return Objects.hash(p, schedule, stream.seed());
    }

    /** Name, and p or its schedule. */
    @Override
    public String toString() {
        return "DropfuseDropPathVertex(" + (schedule == null ? p : schedule) + ")";
    }

    @Override
    public long numParams(boolean backprop) {
        return 0;
    }

    @Override
    public int minVertexInputs() {
        return 2;
    }

    @Override
    public int maxVertexInputs() {
        return 2;
    }

    @Override
    public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int idx,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        return new DropPathSum(graph, name, idx, this, networkDatatype);
    }

    /** The type of both inputs. */
    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs)
            throws InvalidInputTypeException {
        if (vertexInputs.length != 2 || !vertexInputs[0].equals(vertexInputs[1])) {
            throw new InvalidInputTypeException(
                    "inputs are " + Arrays.toString(vertexInputs)
                            + ", allowed are a branch and a residual of one type");
        }
        return vertexInputs[0];
    }

    @Override
    public MemoryReport getMemoryReport(InputType... inputTypes) {
        return new LayerMemoryReport.Builder(
                        null, DropfuseDropPathVertex.class, inputTypes[0], inputTypes[0])
                .standardMemory(0, 0)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(0, 0)
                .build();
    }
}
