package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** PyTorch's arrays of any type, and plain ones of the same values. */
final class Arrays {
    private Arrays() {}

    static NDManager manager() {
        return Engine.getEngine("PyTorch").newBaseManager();
    }

    static int code(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> LibTorch.FLOAT16;
            case BFLOAT16 -> LibTorch.BFLOAT16;
            case FLOAT32 -> LibTorch.FLOAT32;
            case FLOAT64 -> LibTorch.FLOAT64;
        };
    }

    /** Normal numbers in a heap array, the same for the same seed. */
    static Tensor plain(DType dtype, long seed, long... shape) {
        Tensor tensor = zeros(dtype, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, random.nextGaussian());
        }
        return tensor;
    }

    static Tensor zeros(DType dtype, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        byte[] memory = new byte[(int) size * dtype.byteSize()];
        return Tensor.of(MemorySegment.ofArray(memory), dtype, shape);
    }

    /** DJL itself cannot make arrays of bfloat16; libtorch can. */
    static PtNDArray array(NDManager manager, Tensor values) {
        long handle = LibTorch.empty(LibTorch.CPU, -1, code(values.dtype()), values.shape());
        PtNDArray array = new PtNDArray((PtNDManager) manager, handle);
        TorchArray.of(array).tensor().copyFrom(values);
        return array;
    }

    /** What an array holds, in row-major order, whatever its strides. */
    static Tensor plain(NDArray array) {
        TorchArray x = TorchArray.of(array);
        TorchArray dense = x.dense();
        Tensor values = zeros(TorchArray.dtype(x.dtype()), x.sizes());
        values.copyFrom(dense.tensor());
        dense.closeUnless(x);
        return values;
    }

    static NDArray forward(RandomBlock block, NDArray x, boolean training) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return block.forward(store, new NDList(x), training).singletonOrThrow();
    }

    /**
     * Gives y the gradient dy, by what DJL's users can call. DJL's collector aborts the process at
     * a bfloat16 loss, so that such an array is widened, which is exact; DJL's own toType would not
     * be recorded.
     */
    static void backward(GradientCollector collector, NDArray y, Tensor dy) {
        Tensor factors = dy;
        NDArray wide = y;
        if (dy.dtype() == DType.BFLOAT16) {
            factors = zeros(DType.FLOAT32, dy.shape());
            for (long i = 0; i < dy.size(); i++) {
                factors.set(i, dy.get(i));
            }
            wide = TorchArray.of(y).to(LibTorch.FLOAT32).array();
        }
        collector.backward(wide.mul(array(y.getManager(), factors)).sum());
    }

    static void assertBits(Tensor expected, Tensor actual, String what) {
        assertEquals(expected.dtype(), actual.dtype(), what);
        assertEquals(
                java.util.Arrays.toString(expected.shape()),
                java.util.Arrays.toString(actual.shape()),
                what);
        long at = expected.segment().mismatch(actual.segment());
        if (at >= 0) {
            long element = at / expected.dtype().byteSize();
            assertEquals(
                    expected.get(element) + " at " + element,
                    actual.get(element) + " at " + element,
                    what);
        }
        assertEquals(-1, at, what);
    }

    /** Zeros without their signs. */
    static Tensor unsigned(Tensor tensor) {
        for (long i = 0; i < tensor.size(); i++) {
            if (tensor.get(i) == 0) {
                tensor.set(i, 0);
            }
        }
        return tensor;
    }
}
