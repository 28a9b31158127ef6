package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Short ways to and from the first device. */
final class Device {
    private Device() {}

    static CudaDevice first() {
        return Cuda.device(0);
    }

    /** Random patterns, the same for the same seed, in a heap array. */
    static Tensor values(DType dtype, long seed, long... shape) {
        Tensor shapeOnly = Tensor.at(Device.first().location(), MemorySegment.NULL, dtype, shape);
        MemorySegment memory = MemorySegment.ofArray(new byte[(int) shapeOnly.byteSize()]);
        Patterns.fill(dtype, memory, seed);
        return Tensor.of(memory, dtype, shape);
    }

    static Tensor upload(Arena arena, Tensor host) {
        Tensor tensor = first().allocate(arena, host.dtype(), host.shape());
        tensor.copyFrom(host);
        return tensor;
    }

    static MemorySegment download(Tensor tensor) {
        MemorySegment memory = MemorySegment.ofArray(new byte[(int) tensor.byteSize()]);
        tensor.copyTo(Tensor.of(memory, tensor.dtype(), tensor.shape()));
        return memory;
    }

    static byte[] download(Mask mask) {
        Mask host = Mask.of(MemorySegment.ofArray(new byte[(int) (mask.units() + 7) / 8]), mask.units());
        host.copyFrom(mask);
        return host.segment().toArray(ValueLayout.JAVA_BYTE);
    }
}
