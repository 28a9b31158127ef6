package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The CUDA functions for normal numbers, products with masks, rows and blocks. */
final class CudaFamilies {
    private final int device;
    private final MemorySegment stream;

    CudaFamilies(int device, MemorySegment stream) {
        this.device = device;
        this.stream = stream;
    }

    void normal(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long seed,
            long offset,
            long start,
            boolean multiply,
            double sigma) {
        int form = multiply ? dropfuse_h.DROPFUSE_MULTIPLY() : dropfuse_h.DROPFUSE_ADD();
        CudaDriver.check(
                "dropfuse_cuda_normal",
                dropfuse_h.dropfuse_cuda_normal(
                        device, stream, NativeKernels.code(dtype), x, y, first, count, seed, offset,
                        start, form, sigma));
    }

    void product(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            long start,
            double divisor,
            double factor) {
        CudaDriver.check(
                "dropfuse_cuda_product",
                dropfuse_h.dropfuse_cuda_product(
                        device, stream, NativeKernels.code(dtype), x, y, first, count, run, cycle,
                        repeat, mask, start, divisor, factor));
    }

    /** Waits, in the stream's order, for the copy of the indices; not for the rows. */
    void rows(
            DType dtype,
            RowMove move,
            MemorySegment x,
            MemorySegment y,
            long[] indices,
            long first,
            long count,
            long length,
            double scale) {
        int operation =
                switch (move) {
                    case GATHER -> dropfuse_h.DROPFUSE_GATHER();
                    case SCATTER -> dropfuse_h.DROPFUSE_SCATTER();
                    case SCATTER_ADD -> dropfuse_h.DROPFUSE_SCATTER_ADD();
                };
        long before = first * length * dtype.byteSize();
        boolean gathers = move == RowMove.GATHER;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment near = arena.allocate(ValueLayout.JAVA_LONG, count);
            MemorySegment.copy(indices, (int) first, near, ValueLayout.JAVA_LONG, 0, (int) count);
            CudaDriver.check(
                    "dropfuse_cuda_rows",
                    dropfuse_h.dropfuse_cuda_rows(
                            device, stream, NativeKernels.code(dtype), operation,
                            gathers ? x : ahead(x, before), gathers ? ahead(y, before) : y,
                            upload(arena, near), count, length, scale));
        }
    }

    /** Further on in memory of the same scope. */
    static MemorySegment ahead(MemorySegment memory, long bytes) {
        return bytes == 0 ? memory : memory.reinterpret(bytes).asSlice(bytes);
    }

    void blocks(
            MemorySegment centres,
            MemorySegment mask,
            long images,
            long[] spatial,
            int side,
            boolean valid) {
        int last = spatial.length - 1;
        CudaDriver.check(
                "dropfuse_cuda_blocks",
                dropfuse_h.dropfuse_cuda_blocks(
                        device, stream, centres, images, spatial.length,
                        last == 2 ? spatial[0] : 1, spatial[last - 1], spatial[last], side,
                        valid ? 1 : 0, mask));
    }

    /** A copy of host memory in the order of the stream, waited for, and for the time of a call. */
    MemorySegment upload(Arena arena, MemorySegment near) {
        long bytes = near.byteSize();
        MemorySegment far = CudaMemory.allocateOnStream(device, stream, arena, bytes);
        CudaMemory.copy(
                device, stream, near, Location.HOST, far, CudaLocation.device(device), bytes, true);
        return far;
    }
}
