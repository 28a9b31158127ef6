package io.github.dropfuse.dl4j;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Layer;
import java.io.Serial;
import java.util.Objects;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * What Dropfuse's {@code IDropout}s share: a stream of masks for each layer, and arrays of any
 * kind.
 *
 * <p><b>The stream.</b> Each layer of a network has one of its own, whether its dropout was made
 * for it, came from the network's builder, or is one object given to several layers. It begins at
 * the seed: what {@link #seeded} was given, or else ND4J's of the thread that calls first. That is
 * the network's seed where the same thread has initialised it; give a seed where that is not so, as
 * with ParallelWrapper, and the run can be repeated.
 *
 * <p>A mask is a function of stream, iteration and number of the call. Nothing is kept for the
 * backward pass. The network's JSON holds the stream, so a network that is saved and restored goes
 * on with the bits of one that was not interrupted. {@code output(x, true)} has new masks at each
 * call (Monte-Carlo dropout). With workspaces, which are on unless a network turns them off, such
 * calls change nothing in the training around them. Each worker of a ParallelWrapper has masks of
 * its own.
 *
 * <p><b>Arrays</b> may be FLOAT, DOUBLE, HALF or BFLOAT16, in 'c' or 'f' order, and views. Element
 * (i, j, …) has one mask whatever the order. Arrays that are not dense in 'c' order are copied.
 * ND4J has to compute on the CPU.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.NONE,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public abstract sealed class StreamDropout implements IDropout
        permits DropfuseGaussianNoise, RateDropout {
    @Serial private static final long serialVersionUID = 1;

    /** The layer of the last call. */
    private record Made(double value, int rank, Layer layer) {}

    /** p or σ, NaN with a schedule. */
    private final double value;

    /** Of the value, or null. */
    private final ISchedule schedule;

    /** Where masks come from. */
    private final Stream stream;

    private transient volatile Made made;

    /**
     * A dropout.
     *
     * @param value p or σ; NaN with a schedule
     * @param schedule of that value, or null
     * @param stream where masks come from, or null for a new one
     */
    StreamDropout(double value, ISchedule schedule, Stream stream) {
        this.value = value;
        this.schedule = schedule;
        this.stream = stream == null ? Stream.seeded(null) : stream;
    }

    /** The layer for activations of a rank. */
    abstract Layer layer(double atValue, int rank);

    /** The same dropout with another stream. */
    abstract StreamDropout with(Stream otherStream);

    /**
     * The same dropout with a seed of its own, which its masks depend on in place of ND4J's. A
     * network's layers with one seed still have a stream each; called outside of networks, without a
     * workspace manager, dropouts of one seed have the same masks.
     *
     * @param seed any 64 bits
     * @return a new dropout at the beginning of its stream
     */
    public final StreamDropout seeded(long seed) {
        return with(Stream.seeded(seed));
    }

    /** Applies dropout in training. See {@link IDropout#applyDropout}. */
    @Override
    public final INDArray applyDropout(
            INDArray inputActivations,
            INDArray resultArray,
            int iteration,
            int epoch,
            LayerWorkspaceMgr workspaceMgr) {
        NdArrays.check("inputActivations", inputActivations);
        Layer layer = at(iteration, epoch, inputActivations.rank());
        NdArrays.checkPair("inputActivations", inputActivations, "resultArray", resultArray);
        NdArrays.checkShape(layer, inputActivations);
        PhiloxState state = stream.next(iteration, workspaceMgr, inputActivations.shape());
        NdArrays.call(
                "inputActivations",
                inputActivations,
                "resultArray",
                resultArray,
                (x, y) -> layer.forward(x, y, state));
        return resultArray;
    }

    /**
     * The gradient of the last call of {@link #applyDropout} that had none yet. See {@link
     * IDropout#backprop}.
     *
     * @throws IllegalStateException if there was no such call in the iteration
     */
    @Override
    public final INDArray backprop(
            INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
        NdArrays.check("gradAtOutput", gradAtOutput);
        Layer layer = at(iteration, epoch, gradAtOutput.rank());
        NdArrays.checkPair("gradAtOutput", gradAtOutput, "gradAtInput", gradAtInput);
        NdArrays.checkShape(layer, gradAtOutput);
        PhiloxState state = stream.last(iteration, gradAtOutput.shape());
        NdArrays.call(
                "gradAtOutput",
                gradAtOutput,
                "gradAtInput",
                gradAtInput,
                (dy, dx) -> layer.backward(dy, dx, state));
        return gradAtInput;
    }

    /** Does nothing: no mask is kept. */
    @Override
    public final void clear() {}

    /** A copy at the same place of the same stream. */
    @Override
    public final StreamDropout clone() {
        return with(stream.copy());
    }

    final void checkValue(int rank) {
        if (schedule == null) {
            layer(value, rank);
        }
    }

    final double value() {
        return value;
    }

    final ISchedule schedule() {
        return schedule;
    }

    @JsonProperty
    final Stream stream() {
        return stream;
    }

    private Layer at(int iteration, int epoch, int rank) {
        double now = schedule == null ? value : schedule.valueAt(iteration, epoch);
        Made last = made;
        if (last == null || last.value != now || last.rank != rank) {
            last = new Made(now, rank, layer(now, rank));
            made = last;
        }
        return last.layer;
    }

    /** Equal are the class, p or σ, the schedule, the options and the seed. */
    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && other instanceof StreamDropout that
                && Double.compare(that.value, value) == 0
                && Objects.equals(that.schedule, schedule)
                && Objects.equals(that.stream.seed(), stream.seed());
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass(), value, schedule, stream.seed());
    }

    /** Name, and the value or schedule. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + (schedule == null ? value : schedule) + ")";
    }
}
