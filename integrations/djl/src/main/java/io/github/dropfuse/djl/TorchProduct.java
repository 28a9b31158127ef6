package io.github.dropfuse.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import io.github.dropfuse.PhiloxState;

/**
 * The default route in PyTorch: a product with factors is recorded, so that the gradient is
 * multiplied by them. The product itself then gives way to the layer's own result, which is as
 * exact in float16 as it is where dropped values are infinite; PyTorch keeps the factors of a
 * product and not the product.
 */
final class TorchProduct {
    private TorchProduct() {}

    static NDArray apply(Recipe recipe, TorchArray x, PhiloxState state) {
        Layer layer = x.layer(recipe);
        TorchArray dense = x.dense();
        try {
            TorchArray y =
                    LibTorch.records()
                            ? recorded(recipe, layer, dense, state)
                            : dense.empty(dense.dtype(), dense.sizes());
            return y.written(out -> layer.forward(dense.tensor(), out, state)).array();
        } finally {
            dense.closeUnless(x);
        }
    }

    /** An array whose gradient is right and whose values are not the layer's yet. */
    static TorchArray recorded(
            Recipe recipe, Layer layer, TorchArray x, PhiloxState state) {
        boolean narrow = x.dtype() == LibTorch.FLOAT16 || x.dtype() == LibTorch.BFLOAT16;
        if (!recipe.hasFactors()) {
            PtNDArray like = x.array();
            try (NDArray zero =
                    like.getManager().zeros(new Shape(), DataType.FLOAT32, like.getDevice())) {
                return TorchArray.result(like.add(zero));
            }
        }
        TorchArray factors = factors(recipe, layer, x, state);
        TorchArray wide = narrow ? x.to(LibTorch.FLOAT32) : x;
        try {
            TorchArray product = TorchArray.result(wide.array().mul(factors.array()));
            if (!narrow) {
                return product;
            }
            try {
                return product.to(x.dtype());
            } finally {
                product.array().close();
            }
        } finally {
            wide.closeUnless(x);
            factors.array().close();
        }
    }

    /** In the compute type, so that nothing is rounded that the layer does not round. */
    private static TorchArray factors(
            Recipe recipe, Layer layer, TorchArray x, PhiloxState state) {
        boolean wide = x.dtype() == LibTorch.FLOAT64;
        long[] shape = recipe.factors().shape(x.sizes());
        TorchArray factors;
        if (recipe.factorsNeedOnes(x.isHost())) {
            PtNDArray like = x.array();
            factors =
                    TorchArray.result(
                            like.getManager()
                                    .ones(
                                            new Shape(shape),
                                            wide ? DataType.FLOAT64 : DataType.FLOAT32,
                                            like.getDevice()));
        } else {
            factors = x.empty(wide ? LibTorch.FLOAT64 : LibTorch.FLOAT32, shape);
        }
        return factors.written(memory -> recipe.drawFactors(layer, memory, state));
    }
}
