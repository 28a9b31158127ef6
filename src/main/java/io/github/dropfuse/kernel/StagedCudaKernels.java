package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA kernels for host memory, which is copied to the device and back, call by call. For tools
 * that compare and show; what computes on a device has its tensors there.
 */
public final class StagedCudaKernels implements Kernels {
    /** Places in memory are kept modulo this, as kernels choose their accesses by them. */
    private static final int ALIGNMENT = 256;

    private final CudaKernels kernels;
    private final Location far;

    /**
     * Kernels of a device.
     *
     * @param kernels what computes
     */
    public StagedCudaKernels(CudaKernels kernels) {
        this.kernels = kernels;
        this.far = CudaLocation.device(kernels.device());
    }

    @Override
    public String backend() {
        return kernels.backend();
    }

    @Override
    public String tier() {
        return kernels.tier();
    }

    @Override
    public boolean splits() {
        return false;
    }

    @Override
    public void mask(
            double p,
            long seed,
            long offset,
            long start,
            long count,
            MemorySegment mask,
            long byteOffset) {
        if (count == 0) {
            return;
        }
        MemorySegment part = mask.asSlice(byteOffset, (count >>> 3) + ((count & 7) == 0 ? 0 : 1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bits = place(arena, part);
            kernels.mask(p, seed, offset, start, count, bits, 0);
            download(bits, part);
        }
    }

    @Override
    public void drop(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        staged(
                dtype, x, y, first, count, mask,
                (farX, farY, farMask) ->
                        kernels.drop(
                                dtype, farX, farY, first, count, run, cycle, repeat, farMask, p,
                                seed, offset, start, scale));
    }

    @Override
    public void affine(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale,
            double shift,
            double dropped) {
        staged(
                dtype, x, y, first, count, mask,
                (farX, farY, farMask) ->
                        kernels.affine(
                                dtype, farX, farY, first, count, run, cycle, repeat, farMask, p,
                                seed, offset, start, scale, shift, dropped));
    }

    /** A kernel's call on a device's memory: input and output as if element 0 were there too. */
    private interface Call {
        void run(MemorySegment x, MemorySegment y, MemorySegment mask);
    }

    private void staged(
            DType dtype,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            MemorySegment mask,
            Call call) {
        if (count == 0) {
            return;
        }
        long before = first * dtype.byteSize();
        MemorySegment in = x.asSlice(before, count * dtype.byteSize());
        MemorySegment out = y.asSlice(before, count * dtype.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment farX = upload(arena, in);
            boolean inPlace = x.isNative() == y.isNative() && overlap(in, out);
            MemorySegment farY = inPlace ? farX : place(arena, out);
            MemorySegment farMask = mask.equals(MemorySegment.NULL) ? mask : upload(arena, mask);
            call.run(ahead(farX, before), ahead(farY, before), farMask);
            download(farY, out);
        }
    }

    /** Inputs and outputs are the same memory or apart. */
    private static boolean overlap(MemorySegment x, MemorySegment y) {
        return x.asOverlappingSlice(y).isPresent()
                || x.isNative() && x.address() == y.address();
    }

    /** Where element 0 would be. */
    private static MemorySegment ahead(MemorySegment memory, long bytes) {
        return MemorySegment.ofAddress(memory.address() - bytes);
    }

    private MemorySegment place(Arena arena, MemorySegment near) {
        long offset = near.isNative() ? Math.floorMod(near.address(), ALIGNMENT) : 0;
        long bytes = offset + near.byteSize();
        return CudaMemory.allocate(kernels.device(), arena, bytes).reinterpret(bytes).asSlice(offset);
    }

    private MemorySegment upload(Arena arena, MemorySegment near) {
        MemorySegment memory = place(arena, near);
        CudaMemory.copy(
                kernels.device(), MemorySegment.NULL, near, Location.HOST, memory, far,
                near.byteSize(), true);
        return memory;
    }

    private void download(MemorySegment memory, MemorySegment near) {
        CudaMemory.copy(
                kernels.device(), MemorySegment.NULL, memory, far, near, Location.HOST,
                near.byteSize(), true);
    }

    @Override
    public MemorySegment shareable(MemorySegment segment) {
        return null;
    }
}
