package io.github.dropfuse.dl4j;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Dropout;
import java.io.Serial;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * DropConnect, where p is the probability to DROP a weight, while Deeplearning4j's own {@code
 * DropConnect} takes the probability to keep one. Kept weights are multiplied by 1 / (1 - p), which
 * Deeplearning4j's own does not do. The rate p is one or a schedule, and the stream is as {@link
 * StreamDropout} says. The mask is over the weights as they lie in {@code network.params()}.
 *
 * <p><b>The gradients.</b> A layer computes with the masked weights in both of its passes, so its
 * output and the gradient that it hands down are exact. The gradient of the weights is not: {@code
 * IWeightNoise} is not asked in the backward pass, and Deeplearning4j takes the gradient of the
 * masked weights for that of the weights. A dropped weight, whose gradient is 0, so gets one, and
 * the factor 1 / (1 - p) is missing from the others. This is so with every weight noise there. The
 * loss that a training step reports is computed with its masks.
 *
 * <p>Where workspaces are turned off, a training step cannot be told from other calls: the loss of
 * the last layer is then computed with another mask than its gradient.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.NONE,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public final class DropfuseDropConnect implements IWeightNoise {
    @Serial private static final long serialVersionUID = 1;

    /** The probability to drop, NaN with a schedule. */
    private final double p;

    /** Of the probability, or null. */
    private final ISchedule schedule;

    /** Whether biases are dropped too. */
    private final boolean applyToBiases;

    /** Where masks come from. */
    private final Stream stream;

    /**
     * DropConnect on weights with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseDropConnect(double p) {
        this(p, false);
    }

    /**
     * DropConnect with a constant p.
     *
     * @param p probability to drop, 0 to 1
     * @param applyToBiases whether biases are dropped too
     * @throws IllegalArgumentException if p is not in that range
     */
    public DropfuseDropConnect(double p, boolean applyToBiases) {
        this(p, null, applyToBiases, null);
    }

    /**
     * DropConnect with a p that changes with the iteration or epoch.
     *
     * @param schedule gives the probability to drop
     * @param applyToBiases whether biases are dropped too
     */
    public DropfuseDropConnect(ISchedule schedule, boolean applyToBiases) {
        this(Double.NaN, schedule, applyToBiases, null);
    }

    @JsonCreator
    private DropfuseDropConnect(
            @JsonProperty("p") double p,
            @JsonProperty("pSchedule") ISchedule schedule,
            @JsonProperty("applyToBiases") boolean applyToBiases,
            @JsonProperty("stream") Stream stream) {
        this.p = p;
        this.schedule = schedule;
        this.applyToBiases = applyToBiases;
        this.stream = stream == null ? Stream.seeded(null) : stream;
        if (schedule == null) {
            new Dropout(p);
        }
    }

    /**
     * The same with a seed of its own, see {@link StreamDropout#seeded}.
     *
     * @param seed any 64 bits
     * @return a new weight noise at the beginning of its stream
     */
    public DropfuseDropConnect seeded(long seed) {
        return new DropfuseDropConnect(p, schedule, applyToBiases, Stream.seeded(seed));
    }

    /** The masked parameter in training, and else the parameter itself. */
    @Override
    public INDArray getParameter(
            Layer layer,
            String paramKey,
            int iteration,
            int epoch,
            boolean train,
            LayerWorkspaceMgr workspaceMgr) {
        INDArray parameter = layer.getParam(paramKey);
        ParamInitializer initializer = layer.conf().getLayer().initializer();
        boolean masked =
                initializer.isWeightParam(layer.conf().getLayer(), paramKey)
                        || applyToBiases
                                && initializer.isBiasParam(layer.conf().getLayer(), paramKey);
        if (!train || !masked) {
            return parameter;
        }
        Dropout dropout = new Dropout(schedule == null ? p : schedule.valueAt(iteration, epoch));
        int index = initializer.paramKeys(layer.conf().getLayer()).indexOf(paramKey);
        PhiloxState state =
                stream.ofParameter(iteration, workspaceMgr, (long) layer.getIndex() << 32 | index);
        INDArray noisy =
                workspaceMgr.createUninitialized(
                        ArrayType.INPUT,
                        parameter.dataType(),
                        parameter.shape(),
                        parameter.ordering());
        NdArrays.callInMemoryOrder(parameter, noisy, (x, y) -> dropout.forward(x, y, state));
        return noisy;
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

    /**
     * Whether biases are dropped too.
     *
     * @return false unless asked for
     */
    @JsonProperty("applyToBiases")
    public boolean isApplyToBiases() {
        return applyToBiases;
    }

    @JsonProperty
    Stream stream() {
        return stream;
    }

    /** A copy at the same place of the same stream. */
    @Override
    public DropfuseDropConnect clone() {
        return new DropfuseDropConnect(p, schedule, applyToBiases, stream.copy());
    }

    /** Equal are p, the schedule, whether biases are dropped, and the seed. */
    @Override
    public boolean equals(Object other) {
        return other instanceof DropfuseDropConnect that
                && Double.compare(that.p, p) == 0
                && that.applyToBiases == applyToBiases
                && Objects.equals(that.schedule, schedule)
                && Objects.equals(that.stream.seed(), stream.seed());
    }

    @Override
    public int hashCode() {
        return Objects.hash(p, schedule, applyToBiases, stream.seed());
    }

    /** Name, and p or its schedule. */
    @Override
    public String toString() {
        return "DropfuseDropConnect(" + (schedule == null ? p : schedule) + ")";
    }
}
