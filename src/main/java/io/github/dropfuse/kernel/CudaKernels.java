package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA kernels on one stream of one device. Calls are asynchronous; segments are addresses of
 * device or pinned memory.
 */
public final class CudaKernels implements Kernels {
    private final int device;
    private final MemorySegment stream;
    private final String tier;
    private final CudaFamilies families;

    private CudaKernels(int device, MemorySegment stream) {
        this.device = device;
        this.stream = stream;
        this.families = new CudaFamilies(device, stream);
        CudaHandles.Properties properties = CudaHandles.properties(device);
        this.tier = "sm_" + properties.major() + properties.minor();
    }

    /**
     * The kernels on a device's default stream.
     *
     * @param device which device
     * @return the kernels
     */
    public static CudaKernels of(int device) {
        return onStream(device, MemorySegment.NULL);
    }

    /**
     * The kernels on a stream.
     *
     * @param device whose stream
     * @param stream the stream's handle
     * @return the kernels
     */
    public static CudaKernels onStream(int device, MemorySegment stream) {
        CudaDriver.require();
        return new CudaKernels(device, stream);
    }

    /**
     * The device.
     *
     * @return its index
     */
    public int device() {
        return device;
    }

    @Override
    public String backend() {
        return "cuda";
    }

    @Override
    public String tier() {
        return tier;
    }

    @Override
    public boolean accesses(Location location) {
        return CudaLocation.accessible(location, device);
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
        CudaDriver.check(
                "dropfuse_cuda_mask",
                dropfuse_h.dropfuse_cuda_mask(
                        device, stream, p, seed, offset, start, count,
                        CudaFamilies.ahead(mask, byteOffset)));
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
        CudaDriver.check(
                "dropfuse_cuda_drop",
                dropfuse_h.dropfuse_cuda_drop(
                        device, stream, NativeKernels.code(dtype), x, y, first, count, run, cycle,
                        repeat, mask, p, seed, offset, start, scale));
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
        CudaDriver.check(
                "dropfuse_cuda_affine",
                dropfuse_h.dropfuse_cuda_affine(
                        device, stream, NativeKernels.code(dtype), x, y, first, count, run, cycle,
                        repeat, mask, p, seed, offset, start, scale, shift, dropped));
    }

    /** The sequence is drawn by the host's best kernels, into a mask in host memory. */
    @Override
    public void mersenneMask(
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask) {
        Kernels host = BackendRegistry.get().available().getFirst();
        host.mersenneMask(state, outputs, bits, threshold, above, count, mask);
    }

    @Override
    public void product(
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
        families.product(
                dtype, x, y, first, count, run, cycle, repeat, mask, start, divisor, factor);
    }

    @Override
    public void normal(
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
        families.normal(dtype, x, y, first, count, seed, offset, start, multiply, sigma);
    }

    @Override
    public void rows(
            DType dtype,
            RowMove move,
            MemorySegment x,
            MemorySegment y,
            long[] indices,
            long first,
            long count,
            long length,
            double scale) {
        families.rows(dtype, move, x, y, indices, first, count, length, scale);
    }

    @Override
    public void blocks(
            MemorySegment centres,
            MemorySegment mask,
            long images,
            long[] spatial,
            int side,
            boolean valid) {
        families.blocks(centres, mask, images, spatial, side, valid);
    }

    @Override
    public Location location() {
        return CudaLocation.device(device);
    }

    @Override
    public MemorySegment allocate(Arena arena, long bytes) {
        return CudaMemory.allocate(device, arena, bytes);
    }

    @Override
    public MemorySegment readable(Arena arena, MemorySegment near) {
        return families.upload(arena, near);
    }

    @Override
    public void residual(
            DType dtype,
            MemorySegment x,
            VectorUse use,
            MemorySegment vector,
            long length,
            MemorySegment residual,
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
        CudaDriver.check(
                "dropfuse_cuda_residual",
                dropfuse_h.dropfuse_cuda_residual(
                        device, stream, NativeKernels.code(dtype), x, NativeKernels.code(use),
                        vector, length, residual, y, first, count, run, cycle, repeat, mask, p,
                        seed, offset, start, scale));
    }

    @Override
    public void sumRows(
            DType dtype,
            MemorySegment dy,
            MemorySegment x,
            MemorySegment sums,
            long first,
            long count,
            long length,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        CudaDriver.check(
                "dropfuse_cuda_sum_rows",
                dropfuse_h.dropfuse_cuda_sum_rows(
                        device, stream, NativeKernels.code(dtype), dy, x, sums, first, count,
                        length, run, cycle, repeat, mask, p, seed, offset, start, scale));
    }

    @Override
    public void sumTree(
            DType dtype, MemorySegment sums, long blocks, long length, MemorySegment y) {
        CudaDriver.check(
                "dropfuse_cuda_sum_tree",
                dropfuse_h.dropfuse_cuda_sum_tree(
                        device, stream, NativeKernels.code(dtype), sums, blocks, length, y));
    }

    @Override
    public void copy(MemorySegment x, MemorySegment y, long bytes) {
        CudaDriver.check(
                "dropfuse_cuda_copy",
                dropfuse_h.dropfuse_cuda_copy(
                        device, dropfuse_h.DROPFUSE_CUDA_ON_DEVICE(), y, x, bytes, stream, 0));
    }

    @Override
    public MemorySegment scratch(Arena arena, long bytes) {
        return CudaMemory.allocateOnStream(device, stream, arena, bytes);
    }

    @Override
    public MemorySegment shareable(MemorySegment segment) {
        return null;
    }
}
