package io.github.dropfuse.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The route by multiplication in engines other than PyTorch, by what every engine has: factors are
 * copied into an array of its own, and it records the product. A dropped value is a product with 0,
 * so that the zero of a negative value is negative, and infinities become NaN.
 */
final class EngineProduct {
    private EngineProduct() {}

    static NDArray apply(Recipe recipe, NDArray x, PhiloxState state) {
        DType dtype = dtype(x);
        long[] sizes = x.getShape().getShape();
        try {
            NDArray y = x;
            if (recipe.hasFactors()) {
                Tensor factors = memory(dtype, recipe.factors().shape(sizes));
                if (recipe.factorsNeedOnes(true)) {
                    fill(factors, 1);
                }
                recipe.drawFactors(recipe.layer(), factors, state);
                try (NDArray array = copy(x, factors)) {
                    y = x.mul(array);
                }
            }
            if (recipe.shifts()) {
                Tensor shift = memory(dtype, sizes);
                fill(shift, 0);
                recipe.layer().forward(shift, shift, state);
                try (NDArray array = copy(x, shift)) {
                    y = y.add(array);
                }
            }
            return y;
        } catch (UnsupportedOperationException e) {
            throw new UnsupportedOperationException(
                    "engine " + engine(x) + " cannot compute a block in training; allowed are those"
                            + " with arithmetic of their own, such as PyTorch",
                    e);
        }
    }

    /** The name of an array's engine, or of its class where it has none. */
    static String engine(NDArray x) {
        Engine engine = x.getManager().getEngine();
        return engine == null ? x.getClass().getSimpleName() : engine.getEngineName();
    }

    static void check(Recipe recipe, NDArray x) {
        if (x.getSparseFormat() != SparseFormat.DENSE) {
            throw new IllegalArgumentException(
                    "x is sparse (" + x.getSparseFormat() + "), allowed are dense arrays");
        }
        DType dtype = dtype(x);
        long largest = Integer.MAX_VALUE / dtype.byteSize();
        if (x.size() > largest) {
            throw new IllegalArgumentException(
                    "x has " + x.size() + " elements, in engine " + engine(x) + " allowed are "
                            + largest);
        }
        recipe.check(dtype, x.getShape().getShape());
    }

    private static DType dtype(NDArray x) {
        return switch (x.getDataType()) {
            case FLOAT32 -> DType.FLOAT32;
            case FLOAT64 -> DType.FLOAT64;
            default ->
                    throw new IllegalArgumentException(
                            "x is " + x.getDataType() + ", in engine " + engine(x)
                                    + " allowed are float32, float64");
        };
    }

    private static Tensor memory(DType dtype, long[] shape) {
        long bytes = new Shape(shape).size() * dtype.byteSize();
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
        return Tensor.of(buffer, dtype, shape);
    }

    private static void fill(Tensor tensor, double value) {
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, value);
        }
    }

    private static NDArray copy(NDArray like, Tensor tensor) {
        NDManager manager = like.getManager();
        NDArray array =
                manager.create(new Shape(tensor.shape()), like.getDataType(), like.getDevice());
        array.set(tensor.segment().asByteBuffer().order(ByteOrder.nativeOrder()));
        return array;
    }
}
