package io.github.dropfuse.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The route by multiplication in engines other than PyTorch, by what every engine has: factors are
 * copied into an array of its own, and it records the product. A dropped value is a product with 0,
 * so that the zero of a negative value is negative, and infinities become NaN.
 */
final class EngineProduct {
    /** Engines that were found to have arithmetic. */
    private static final Set<String> ABLE = ConcurrentHashMap.newKeySet();

    private EngineProduct() {}

    static NDArray apply(Recipe recipe, NDArray x, PhiloxState state) {
        DType dtype = dtype(x);
        long[] sizes = x.getShape().getShape();
        try {
            NDArray y = x;
            if (recipe.hasFactors()) {
                Tensor factors = memory(dtype, recipe.factors().shape(sizes));
                if (recipe.factorsNeedOnes(true)) {
                    fillWithOnes(factors);
                }
                recipe.drawFactors(recipe.layer(), factors, state);
                try (NDArray array = copy(x, factors)) {
                    y = x.mul(array);
                }
            }
            if (recipe.shifts()) {
                Tensor shift = memory(dtype, sizes); // zeros
                recipe.layer().forward(shift, shift, state);
                NDArray product = y;
                try (NDArray array = copy(x, shift)) {
                    y = product.add(array);
                } finally {
                    if (product != x) {
                        product.close();
                    }
                }
            }
            return y;
        } catch (UnsupportedOperationException e) {
            throw withoutArithmetic(x, e);
        }
    }

    private static UnsupportedOperationException withoutArithmetic(
            NDArray x, UnsupportedOperationException e) {
        return new UnsupportedOperationException(
                "engine " + engine(x) + " cannot compute a block in training; allowed are those"
                        + " with arithmetic of their own, such as PyTorch",
                e);
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

    /** Refuses engines that cannot do what {@link #apply} does, by trying it on one number. */
    static void checkArithmetic(NDArray x) {
        if (ABLE.contains(engine(x))) {
            return;
        }
        Tensor one = memory(dtype(x), new long[] {1});
        try (NDArray a = copy(x, one);
                NDArray b = copy(x, one);
                NDArray product = a.mul(b);
                NDArray sum = product.add(b)) {
            ABLE.add(engine(sum));
        } catch (UnsupportedOperationException e) {
            throw withoutArithmetic(x, e);
        }
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

    private static void fillWithOnes(Tensor tensor) {
        if (tensor.size() == 0) {
            return;
        }
        tensor.set(0, 1);
        MemorySegment all = tensor.segment();
        for (long done = tensor.dtype().byteSize(); done < all.byteSize(); done *= 2) {
            long more = Math.min(done, all.byteSize() - done);
            MemorySegment.copy(all, 0, all, done, more);
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
