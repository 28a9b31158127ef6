package io.github.dropfuse.cli.verify;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.UnitDropout;
import java.util.List;
import java.util.Locale;

/** A call of a layer with all of its arguments but the memory; its text names them. */
sealed interface VerifySubject
        permits VerifyUnits,
                VerifyMasks,
                VerifyNormals,
                VerifyResidual,
                VerifySums,
                VerifySamples,
                VerifyTokens,
                VerifyBlocks,
                VerifyTorch {
    /** What is called of a layer. */
    enum Pass {
        FORWARD,
        BACKWARD,
        INFER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is called of a layer that draws masks in a way of its own. */
    enum Draw {
        FORWARD,
        BACKWARD,
        MASK;

        /** An input, and an output or the mask's bits. */
        List<VerifyOperand> operands(DType dtype, long[] shape, long units, boolean inPlace) {
            return this == MASK
                    ? List.of(VerifyOperand.input("x", dtype, shape), VerifyOperand.bits(units))
                    : VerifyOperand.pair(dtype, shape, inPlace);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How many decisions a layer takes for a tensor of a shape. */
    static long units(UnitDropout layer, long[] shape) {
        short[] elements = new short[Math.toIntExact(Shapes.product(shape))];
        return layer.units(Tensor.of(elements, DType.FLOAT16, shape));
    }

    /** What the call reads and writes. */
    List<VerifyOperand> operands();

    /** Entries of the first dimension where the call can be cut into shards; 0 if it cannot. */
    long rows();

    /**
     * Makes the call for a shard, or for the whole.
     *
     * @param memory the shard's operands
     * @param row the shard's first entry
     * @param execution where to compute
     */
    void call(VerifyMemory memory, long row, Execution execution);
}
