package io.github.dropfuse.dl4j;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Layer;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's arrays as tensors. */
final class NdArrays {
    /** An address that is not read. */
    private static final long SHAPE_ONLY = 64;

    private NdArrays() {}

    /**
     * Calls with two arrays as tensors, row-major whatever the arrays' order. Arrays that do not
     * lie densely in 'c' order are copied, an input of another type is converted to the output's.
     */
    static void call(
            String inName,
            INDArray in,
            String outName,
            INDArray out,
            BiConsumer<Tensor, Tensor> call) {
        checkPair(inName, in, outName, out);
        if (in.isEmpty()) {
            return;
        }
        if (isDense(out, 'c')) {
            read(inName, in, out.dataType(), x -> call.accept(x, tensor(out, out.shape())));
            return;
        }
        INDArray dense = Nd4j.createUninitialized(out.dataType(), out.shape(), 'c');
        try {
            read(inName, in, out.dataType(), x -> call.accept(x, tensor(dense, dense.shape())));
            out.assign(dense);
        } finally {
            release(dense, out);
        }
    }

    /** Calls with an array as a tensor of a type; the tensor's memory is the array's or a copy. */
    static void read(String name, INDArray array, DataType type, Consumer<Tensor> call) {
        check(name, array);
        INDArray typed = array.dataType() == type ? array : array.castTo(type);
        INDArray dense = isDense(typed, 'c') ? typed : typed.dup('c');
        try {
            call.accept(tensor(dense, dense.shape()));
        } finally {
            Reference.reachabilityFence(dense);
            release(dense, typed);
            release(typed, array);
        }
    }

    /**
     * Calls with a parameter and an array like it as flat tensors, in the order of their memory.
     *
     * @param out new, of the parameter's shape, type and order
     */
    static void callInMemoryOrder(
            INDArray parameter, INDArray out, BiConsumer<Tensor, Tensor> call) {
        check("parameter", parameter);
        char order = parameter.ordering();
        INDArray x = isDense(parameter, order) ? parameter : parameter.dup(order);
        try {
            call.accept(tensor(x, x.length()), tensor(out, out.length()));
        } finally {
            Reference.reachabilityFence(x);
            release(x, parameter);
        }
    }

    /** Whether two arrays can be those of {@link #call}. */
    static void checkPair(String inName, INDArray in, String outName, INDArray out) {
        check(inName, in);
        check(outName, out);
        if (!Arrays.equals(in.shape(), out.shape())) {
            throw new IllegalArgumentException(
                    outName + " has shape " + Arrays.toString(out.shape()) + ", allowed is that of "
                            + inName + ", " + Arrays.toString(in.shape()));
        }
    }

    /** Whether a layer has a meaning for an array's shape. {@link #call} asks for no empty ones. */
    static void checkShape(Layer layer, INDArray array) {
        if (!array.isEmpty()) {
            layer.units(Tensor.ofAddress(SHAPE_ONLY, type("array", array), array.shape()));
        }
    }

    /** Whether an array is one that kernels can compute on. */
    static void check(String name, INDArray array) {
        Objects.requireNonNull(array, name);
        if (array.wasClosed()) {
            throw new IllegalArgumentException(name + " is closed, it has to be open");
        }
        type(name, array);
        host(Nd4j.getExecutioner().type());
    }

    static void host(ExecutionerType type) {
        if (type != ExecutionerType.NATIVE_CPU) {
            throw new UnsupportedOperationException(
                    "ND4J's backend is " + type + ", allowed is " + ExecutionerType.NATIVE_CPU
                            + " (nd4j-native)");
        }
    }

    /** A dense array's elements, in the order of its memory. */
    private static Tensor tensor(INDArray array, long... shape) {
        // Of an array's addresses only this one knows a view's offset.
        long address = array.data().addressPointer().address();
        return Tensor.ofAddress(address, type("array", array), shape);
    }

    /** Whether the elements lie in an order without gaps. Strides of extents of 1 do not count. */
    private static boolean isDense(INDArray array, char order) {
        long stride = 1;
        for (int i = 1; i <= array.rank(); i++) {
            int d = order == 'c' ? array.rank() - i : i - 1;
            if (array.size(d) != 1 && array.stride(d) != stride) {
                return false;
            }
            stride *= array.size(d);
        }
        return true;
    }

    private static void release(INDArray copy, INDArray original) {
        if (copy != original && copy.closeable()) {
            copy.close();
        }
    }

    private static DType type(String name, INDArray array) {
        return switch (array.dataType()) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case HALF -> DType.FLOAT16;
            case BFLOAT16 -> DType.BFLOAT16;
            default -> throw new IllegalArgumentException(
                    name + " is " + array.dataType() + ", allowed are FLOAT, DOUBLE, HALF and"
                            + " BFLOAT16");
        };
    }
}
