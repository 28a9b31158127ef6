package io.github.dropfuse.layer;

import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchStream;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What can be called of a kind of layers, such as {@code forward}, {@code backward}, {@code infer},
 * and the gradients of vectors.
 *
 * @param name the pass's name
 * @param operands what it reads and writes, in the order of a call's arguments
 * @param sources what may decide; nothing does where there are none
 * @param cuts along how many of its first dimensions x may be a part of a larger tensor
 * @param composes whether the results of such parts, put together, are the whole's
 * @param call makes the call
 */
public record Pass(
        String name,
        List<Operand> operands,
        Set<Source> sources,
        int cuts,
        Predicate<Layer> composes,
        Call call) {

    /** The name of the training pass. */
    public static final String FORWARD = "forward";

    /** The name of its gradient. */
    public static final String BACKWARD = "backward";

    /** The name of the pass without randomness. */
    public static final String INFER = "infer";

    /** Along all dimensions. */
    static final int ALL = Integer.MAX_VALUE;

    /** Kinds of {@link MaskSource}. */
    public enum Source {
        /** A {@link io.github.dropfuse.PhiloxState}. */
        STATE,
        /** A stored {@link io.github.dropfuse.Mask}. */
        MASK,
        /** A {@link io.github.dropfuse.TorchCall} of {@link TorchStream#RAND}. */
        PYTORCH_RAND,
        /** A {@link io.github.dropfuse.TorchCall} of {@link TorchStream#DROPOUT}. */
        PYTORCH_DROPOUT;

        /**
         * How PyTorch makes the mask.
         *
         * @return the stream; null where it is not PyTorch that does
         */
        public TorchStream stream() {
            return switch (this) {
                case STATE, MASK -> null;
                case PYTORCH_RAND -> TorchStream.RAND;
                case PYTORCH_DROPOUT -> TorchStream.DROPOUT;
            };
        }
    }

    /** Makes calls. */
    @FunctionalInterface
    public interface Call {
        /**
         * Makes one.
         *
         * @param layer a layer of the type
         * @param operands a tensor for each operand; null for those that are left out
         * @param source what decides; null where nothing does
         * @param shard where x lies in a larger tensor
         */
        void run(Layer layer, Tensor[] operands, MaskSource source, Shard shard);
    }

    /** A pass whose parts are parts of the whole, whatever boxes they are. */
    static Pass of(String name, Set<Source> sources, Call call, Operand... operands) {
        return new Pass(name, List.of(operands), sources, ALL, layer -> true, call);
    }

    Pass within(int dimensions, Predicate<Layer> when) {
        return new Pass(name, operands, sources, dimensions, when, call);
    }

    /**
     * The place of an operand among a call's arguments.
     *
     * @param operand its name
     * @return an index; -1 if there is none of this name
     */
    public int index(String operand) {
        return operands.stream().map(Operand::name).toList().indexOf(operand);
    }

    /**
     * The place of the result among a call's arguments.
     *
     * @return an index
     */
    public int output() {
        return operands.stream().map(Operand::written).toList().indexOf(true);
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
