package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.empty_like;
import static org.bytedeco.pytorch.global.torch.from_blob;

import io.github.dropfuse.DType;
import java.lang.ref.Reference;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.Layout;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** PyTorch's tensors as Dropfuse's. */
final class Tensors {
    private static final MemoryFormatOptional CONTIGUOUS =
            Hooks.unscoped(new MemoryFormatOptional(MemoryFormat.Contiguous));
    private static final TensorOptions SAME = Hooks.unscoped(new TensorOptions());

    private Tensors() {}

    /** Whether a tensor is one that kernels can compute on. */
    static void check(String name, Tensor tensor) {
        Objects.requireNonNull(tensor, name);
        if (tensor.isNull()) {
            throw new IllegalArgumentException(name + " is closed, it has to be open");
        }
        if (!tensor.defined()) {
            throw new IllegalArgumentException(name + " is undefined, it has to be defined");
        }
        if (!tensor.is_cpu()) {
            throw new IllegalArgumentException(
                    name + " is on " + device(tensor) + ", allowed is the CPU");
        }
        if (tensor.layout().intern() != Layout.Strided) {
            throw new IllegalArgumentException(
                    name + " has layout " + tensor.layout() + ", allowed is " + Layout.Strided);
        }
        type(name, tensor);
    }

    /** A new contiguous tensor that a layer has written, unknown to autograd. */
    static Tensor map(Tensor x, Pass layer) {
        if (!x.is_contiguous() || x.is_neg()) {
            return inPlace(x.clone(CONTIGUOUS), x, layer);
        }
        Tensor y = empty_like(x, SAME, CONTIGUOUS);
        return written(y, x, () -> layer.run(view(x, x), view(y, x)));
    }

    /**
     * A new contiguous tensor that a layer has written, of which autograd knows the input, and a
     * hook on its gradient.
     *
     * <p>Java has to keep a hook as long as the graph may call it, and PyTorch does not say when a
     * graph goes. So the copy is made as a concatenation with an empty tensor: the graph holds on
     * to both, and the empty one's memory calls back when it is freed.
     */
    static Tensor recorded(Tensor x, Pass layer, TensorTensorHook hook) {
        boolean scalar = x.dim() == 0;
        long[] none = shape(x);
        if (scalar) {
            none = new long[1];
        }
        none[0] = 0;
        try (Tensor rows = scalar ? x.reshape(1) : new Tensor(x);
                TensorOptions type = new TensorOptions(x.scalar_type());
                Tensor end = from_blob(Hooks.keep(hook), none, Hooks.RELEASE, type);
                TensorVector both = new TensorVector(rows, end.requires_grad_())) {
            Tensor y = inPlace(cat(both, 0), x, layer);
            y.register_hook(hook);
            if (!scalar) {
                return y;
            }
            try (y) {
                return y.reshape();
            }
        }
    }

    private static Tensor inPlace(Tensor y, Tensor x, Pass layer) {
        return written(
                y,
                x,
                () -> {
                    io.github.dropfuse.Tensor view = view(y, x);
                    layer.run(view, view);
                });
    }

    /**
     * Returns y when it was written, and else frees it. Kernels know addresses only, so both
     * tensors are kept from the collector until they have run.
     */
    private static Tensor written(Tensor y, Tensor x, Runnable write) {
        boolean done = false;
        try {
            write.run();
            done = true;
            return y;
        } finally {
            if (!done) {
                y.close();
            }
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(y);
        }
    }

    private static io.github.dropfuse.Tensor view(Tensor tensor, Tensor shaped) {
        Pointer memory = tensor.data_ptr(); // null where there is no element
        return io.github.dropfuse.Tensor.ofAddress(
                memory == null ? 0 : memory.address(), type("x", tensor), shape(shaped));
    }

    private static long[] shape(Tensor tensor) {
        long[] shape = new long[Math.toIntExact(tensor.dim())];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = tensor.size(d);
        }
        return shape;
    }

    private static DType type(String name, Tensor tensor) {
        return switch (tensor.scalar_type().intern()) {
            case Float -> DType.FLOAT32;
            case Double -> DType.FLOAT64;
            case Half -> DType.FLOAT16;
            case BFloat16 -> DType.BFLOAT16;
            default -> throw new IllegalArgumentException(
                    name + " is " + tensor.scalar_type() + ", allowed are Float, Double, Half and"
                            + " BFloat16");
        };
    }

    private static String device(Tensor tensor) {
        try (Device device = tensor.device();
                BytePointer name = device.str()) {
            return name.getString();
        }
    }
}
