package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.empty;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Plain arrays to compare with. */
final class Plain {
    private Plain() {}

    static ScalarType scalarType(DType type) {
        return switch (type) {
            case FLOAT32 -> ScalarType.Float;
            case FLOAT64 -> ScalarType.Double;
            case FLOAT16 -> ScalarType.Half;
            case BFLOAT16 -> ScalarType.BFloat16;
        };
    }

    static Tensor zeros(DType type, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        byte[] bytes = new byte[Math.toIntExact(size * type.byteSize())];
        return Tensor.of(MemorySegment.ofArray(bytes), type, shape);
    }

    static Tensor random(long seed, DType type, long... shape) {
        Tensor tensor = zeros(type, shape);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, random.nextDouble(-2, 2));
        }
        return tensor;
    }

    static byte[] bits(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    /** A contiguous tensor of PyTorch's with the same elements. */
    static org.bytedeco.pytorch.Tensor torch(Tensor from) {
        org.bytedeco.pytorch.Tensor tensor =
                empty(
                        from.shape(),
                        new TensorOptions(scalarType(from.dtype())),
                        new MemoryFormatOptional(MemoryFormat.Contiguous));
        memory(tensor, from.byteSize()).copyFrom(from.segment());
        return tensor;
    }

    /** The elements of a tensor of PyTorch's, row-major. */
    static byte[] bits(org.bytedeco.pytorch.Tensor tensor) {
        org.bytedeco.pytorch.Tensor dense = tensor.detach().contiguous();
        return memory(dense, dense.numel() * dense.element_size()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static MemorySegment memory(org.bytedeco.pytorch.Tensor tensor, long bytes) {
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(bytes);
    }
}
