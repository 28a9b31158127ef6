package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Location;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

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
                dtype, y, first, count, List.of(x), List.of(mask),
                (out, in, whole) ->
                        kernels.drop(
                                dtype, in[0], out, first, count, run, cycle, repeat, whole[0], p,
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
                dtype, y, first, count, List.of(x), List.of(mask),
                (out, in, whole) ->
                        kernels.affine(
                                dtype, in[0], out, first, count, run, cycle, repeat, whole[0], p,
                                seed, offset, start, scale, shift, dropped));
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
        staged(
                dtype, y, first, count, List.of(x, residual), List.of(mask, vector),
                (out, in, whole) ->
                        kernels.residual(
                                dtype, in[0], use, whole[1], length, in[1], out, first, count, run,
                                cycle, repeat, whole[0], p, seed, offset, start, scale));
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
        if (count == 0) {
            return;
        }
        long block = SUM_ROWS * length;
        long row = length * dtype.computesIn().byteSize();
        long blocks = count / block + (count % block == 0 ? 0 : 1);
        long at = first / block * row;
        MemorySegment out = sums.asSlice(at, blocks * row);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] in = upload(arena, dtype, first, count, List.of(dy, x));
            MemorySegment farSums = place(arena, out);
            kernels.sumRows(
                    dtype, in[0], in[1], ahead(farSums, at), first, count, length, run, cycle,
                    repeat, uploaded(arena, mask), p, seed, offset, start, scale);
            download(farSums, out);
        }
    }

    @Override
    public void sumTree(
            DType dtype, MemorySegment sums, long blocks, long length, MemorySegment y) {
        long bytes = blocks * length * dtype.computesIn().byteSize();
        MemorySegment out = y.asSlice(0, length * dtype.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment far = bytes == 0 ? MemorySegment.NULL : upload(arena, sums.asSlice(0, bytes));
            MemorySegment farY = place(arena, out);
            kernels.sumTree(dtype, far, blocks, length, farY);
            download(farY, out);
        }
    }

    @Override
    public void mersenneMask(
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask) {
        kernels.mersenneMask(state, outputs, bits, threshold, above, count, mask);
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
        staged(
                dtype, y, first, count, List.of(x), List.of(mask),
                (out, in, whole) ->
                        kernels.product(
                                dtype, in[0], out, first, count, run, cycle, repeat, whole[0],
                                start, divisor, factor));
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
        staged(
                dtype, y, first, count, List.of(x), List.of(),
                (out, in, whole) ->
                        kernels.normal(
                                dtype, in[0], out, first, count, seed, offset, start, multiply,
                                sigma));
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment farX = upload(arena, x);
            MemorySegment farY = upload(arena, y);
            kernels.rows(dtype, move, farX, farY, indices, first, count, length, scale);
            download(farY, y);
        }
    }

    @Override
    public void blocks(
            MemorySegment centres,
            MemorySegment mask,
            long images,
            long[] spatial,
            int side,
            boolean valid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment farMask = place(arena, mask);
            kernels.blocks(upload(arena, centres), farMask, images, spatial, side, valid);
            download(farMask, mask);
        }
    }

    /** A kernel's call on a device's memory: inputs and output as if element 0 were there too. */
    private interface Call {
        void run(MemorySegment out, MemorySegment[] in, MemorySegment[] whole);
    }

    /** Of the inputs and the output the elements are copied, of the rest all. */
    private void staged(
            DType dtype,
            MemorySegment y,
            long first,
            long count,
            List<MemorySegment> inputs,
            List<MemorySegment> rest,
            Call call) {
        if (count == 0) {
            return;
        }
        long before = first * dtype.byteSize();
        MemorySegment out = y.asSlice(before, count * dtype.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] in = upload(arena, dtype, first, count, inputs);
            MemorySegment farY = null;
            for (int i = 0; farY == null && i < in.length; i++) {
                farY = inPlace(inputs.get(i), y, before, out.byteSize()) ? in[i] : null;
            }
            farY = farY == null ? ahead(place(arena, out), before) : farY;
            MemorySegment[] whole = new MemorySegment[rest.size()];
            Arrays.setAll(whole, i -> uploaded(arena, rest.get(i)));
            call.run(farY, in, whole);
            download(ahead(farY, -before), out);
        }
    }

    private MemorySegment[] upload(
            Arena arena, DType dtype, long first, long count, List<MemorySegment> inputs) {
        long before = first * dtype.byteSize();
        MemorySegment[] far = new MemorySegment[inputs.size()];
        for (int i = 0; i < far.length; i++) {
            MemorySegment near = inputs.get(i);
            far[i] =
                    near.equals(MemorySegment.NULL)
                            ? near
                            : ahead(
                                    upload(arena, near.asSlice(before, count * dtype.byteSize())),
                                    before);
        }
        return far;
    }

    private MemorySegment uploaded(Arena arena, MemorySegment near) {
        return near.equals(MemorySegment.NULL) ? near : upload(arena, near);
    }

    /** Whether the output is that input; they are the same memory or apart. */
    private static boolean inPlace(MemorySegment in, MemorySegment y, long before, long bytes) {
        if (in.equals(MemorySegment.NULL) || in.isNative() != y.isNative()) {
            return false;
        }
        MemorySegment part = in.asSlice(before, bytes);
        MemorySegment out = y.asSlice(before, bytes);
        return part.asOverlappingSlice(out).isPresent()
                || in.isNative() && part.address() == out.address();
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
