package io.github.dropfuse.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Execution;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * An array of DJL's PyTorch engine that layers can compute on. Its type is asked of libtorch, since
 * DJL has no name for bfloat16 arrays and cannot make any.
 */
final class TorchArray {
    /** What DJL's arrays of strings have for a handle. */
    private static final long NOT_A_TENSOR = -1;

    private static final String ALLOWED = ", allowed are float16, bfloat16, float32, float64";

    private final PtNDArray array;
    private final int dtype;
    private final int deviceType;
    private final int deviceIndex;
    private final long[] sizes;
    private final boolean contiguous;

    /** A contiguous array beside another one. */
    private TorchArray(PtNDArray array, TorchArray like, int dtype, long[] sizes) {
        this.array = array;
        this.dtype = dtype;
        this.deviceType = like.deviceType;
        this.deviceIndex = like.deviceIndex;
        this.sizes = sizes;
        this.contiguous = true;
    }

    private TorchArray(PtNDArray array) {
        long handle = array.getHandle();
        this.array = array;
        this.dtype = LibTorch.dtype(handle);
        this.deviceType = LibTorch.deviceType(handle);
        this.deviceIndex = LibTorch.deviceIndex(handle);
        this.sizes = LibTorch.sizes(handle);
        this.contiguous = LibTorch.isContiguous(sizes, LibTorch.strides(handle));
    }

    /** Checks an argument. */
    static TorchArray of(NDArray argument) {
        PtNDArray array = (PtNDArray) argument;
        if (array.isReleased()) {
            throw new IllegalStateException("x is closed, or its manager is");
        }
        if (array.getHandle() == NOT_A_TENSOR) {
            throw new IllegalArgumentException("x is " + array.getDataType() + ALLOWED);
        }
        SparseFormat format = array.getSparseFormat();
        if (format != SparseFormat.DENSE) {
            throw new IllegalArgumentException(
                    "x is sparse (" + format + "), allowed are dense arrays");
        }
        TorchArray x = new TorchArray(array);
        if (dtype(x.dtype) == null) {
            throw new IllegalArgumentException("x is " + array.getDataType() + ALLOWED);
        }
        if (x.deviceType != LibTorch.CPU && x.deviceType != LibTorch.CUDA) {
            throw new IllegalArgumentException(
                    "x is on " + array.getDevice() + ", allowed are the CPU and CUDA devices");
        }
        return x;
    }

    /** What an operation of the engine gave. */
    static TorchArray result(NDArray array) {
        return new TorchArray((PtNDArray) array);
    }

    /** The library's type for one of libtorch's; null where there is none. */
    static DType dtype(int code) {
        return switch (code) {
            case LibTorch.FLOAT16 -> DType.FLOAT16;
            case LibTorch.BFLOAT16 -> DType.BFLOAT16;
            case LibTorch.FLOAT32 -> DType.FLOAT32;
            case LibTorch.FLOAT64 -> DType.FLOAT64;
            default -> null;
        };
    }

    PtNDArray array() {
        return array;
    }

    int dtype() {
        return dtype;
    }

    long[] sizes() {
        return sizes;
    }

    boolean isHost() {
        return deviceType == LibTorch.CPU;
    }

    /** The layer of a recipe, on libtorch's current stream where the array is on a CUDA device. */
    Layer layer(Recipe recipe) {
        return isHost() ? recipe.layer() : recipe.layerOn(execution());
    }

    /** On libtorch's current stream, for an array on a CUDA device. */
    Execution execution() {
        return CudaStreams.current(deviceIndex);
    }

    /** Whether another array is of this one's type and on the same device. */
    boolean isBeside(TorchArray other) {
        return other.dtype == dtype
                && other.deviceType == deviceType
                && other.deviceIndex == deviceIndex;
    }

    /** The memory of a contiguous array, without a copy. */
    Tensor tensor() {
        if (!contiguous) {
            throw new IllegalStateException(
                    "an array of shape " + Arrays.toString(sizes) + " is not contiguous");
        }
        Location location = isHost() ? Location.HOST : CudaStreams.location(deviceIndex);
        return Tensor.ofAddress(location, LibTorch.data(array.getHandle()), dtype(dtype), sizes);
    }

    /** This array where it is contiguous, or else a copy that is, recorded as an operation. */
    TorchArray dense() {
        return contiguous ? this : wrap(LibTorch.contiguous(array.getHandle()));
    }

    /** A new array of undefined elements on the same device. */
    TorchArray empty(int type, long[] shape) {
        return new TorchArray(
                array(LibTorch.empty(deviceType, deviceIndex, type, shape)), this, type, shape);
    }

    /** Lets a layer write this new array, and closes it where that fails. */
    TorchArray written(Consumer<Tensor> layer) {
        try {
            layer.accept(tensor());
            return this;
        } catch (RuntimeException | Error e) {
            array.close();
            throw e;
        }
    }

    /** The values in another type, recorded as an operation. */
    TorchArray to(int type) {
        return wrap(LibTorch.to(array.getHandle(), type));
    }

    /** An array for a handle, which it takes over. */
    PtNDArray array(long handle) {
        return new PtNDArray(array.getManager(), handle);
    }

    private TorchArray wrap(long handle) {
        return new TorchArray(array(handle));
    }

    /** Closes an array that was made on the way, and never the one it was made from. */
    void closeUnless(TorchArray kept) {
        if (array != kept.array) {
            array.close();
        }
    }
}
