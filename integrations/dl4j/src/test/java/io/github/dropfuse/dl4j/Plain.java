package io.github.dropfuse.dl4j;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Plain arrays to compare with, and the states that streams are expected to give. */
final class Plain {
    static final long SEED = 42;

    private Plain() {}

    /** A manager as a network without workspaces gives it to its layers. */
    static LayerWorkspaceMgr network() {
        return LayerWorkspaceMgr.noWorkspaces(new HashMap<>());
    }

    /** The state of a call outside of training, of the n-th layer of a network. */
    static PhiloxState other(int layer, int iteration, int call) {
        long offset = (long) iteration << 32 | 1L << 31 | call;
        return new PhiloxState(Stream.derive(SEED, layer), offset);
    }

    /** The state of a training step, of the n-th layer of a network. */
    static PhiloxState training(int layer, int iteration) {
        return new PhiloxState(Stream.derive(SEED, layer), (long) iteration << 32);
    }

    static DType dtype(DataType type) {
        return switch (type) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case HALF -> DType.FLOAT16;
            case BFLOAT16 -> DType.BFLOAT16;
            default -> throw new AssertionError(type);
        };
    }

    /** A plain tensor on the heap, of values near 1 and of either sign. */
    static Tensor random(long seed, DType type, long... shape) {
        Tensor tensor = zeros(type, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, random.nextDouble(-2, 2));
        }
        return tensor;
    }

    static Tensor zeros(DType type, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        byte[] bytes = new byte[Math.toIntExact(size * type.byteSize())];
        return Tensor.of(MemorySegment.ofArray(bytes), type, shape);
    }

    /** Writes a plain tensor's elements, one by one, by their index. */
    static INDArray fill(INDArray array, Tensor from) {
        for (long i = 0; i < from.size(); i++) {
            array.putScalar(index(i, array.shape()), from.get(i));
        }
        return array;
    }

    static INDArray array(DataType type, char order, Tensor from) {
        return fill(Nd4j.create(type, from.shape(), order), from);
    }

    /** Reads an array's elements, one by one, by their index. */
    static Tensor read(INDArray array) {
        Tensor plain = zeros(dtype(array.dataType()), array.shape());
        for (long i = 0; i < plain.size(); i++) {
            plain.set(i, array.getDouble(index(i, array.shape())));
        }
        return plain;
    }

    static byte[] bits(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    private static long[] index(long element, long[] shape) {
        long[] index = new long[shape.length];
        long rest = element;
        for (int d = shape.length - 1; d >= 0; d--) {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        return index;
    }
}
