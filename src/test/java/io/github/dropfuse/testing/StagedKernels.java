package io.github.dropfuse.testing;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.BlockShape;
import io.github.dropfuse.kernel.CudaLocation;
import io.github.dropfuse.kernel.CudaMemory;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.Place;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A device's kernels for host memory: the elements of a call's range are copied to the device, at
 * the same place modulo 256 bytes, and the result back.
 */
public final class StagedKernels implements Kernels {
    private static final int ALIGNMENT = 256;

    private final int device;
    private final Kernels kernels;

    /** The kernels on a device's default stream. */
    public StagedKernels(int device) {
        this.device = device;
        this.kernels = NativeKernels.onDevice(device);
    }

    @Override
    public Place place() {
        return kernels.place();
    }

    @Override
    public void mask(double p, MaskSource source, Layout layout, Mask mask, Range range) {
        long units = range.count(mask.units());
        if (units == 0) {
            return;
        }
        MemorySegment host = mask.segment().asSlice(range.first() / 8, (units + 7) / 8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment there = upload(arena, host);
            Mask staged = Mask.at(location(), before(there, range.first() / 8), mask.units());
            kernels.mask(p, staged(arena, source), layout, staged, range);
            download(there, host);
        }
    }

    @Override
    public void apply(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y,
            Range range) {
        if (range.count(y.size()) == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Tensor in = x == null ? null : staged(arena, x, range);
            Tensor values = vector == null ? null : staged(arena, vector, Range.ALL);
            Tensor added = second == null ? null : same(second, x) ? in : staged(arena, second, range);
            Tensor out = same(y, x) ? in : second != null && same(y, second) ? added : staged(arena, y, range);
            kernels.apply(effect, staged(arena, source), layout, in, values, added, out, range);
            download(out, y, range);
        }
    }

    @Override
    public void sumRows(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor dy,
            Tensor x,
            Tensor sums,
            Range range) {
        long count = range.count(dy.size());
        if (count == 0) {
            return;
        }
        long row = sums.extent(1);
        long block = SUM_ROWS * row;
        Range rows = new Range(range.first() / block * row, (count + block - 1) / block * row);
        try (Arena arena = Arena.ofConfined()) {
            Tensor out = staged(arena, sums, rows);
            kernels.sumRows(
                    effect, staged(arena, source), layout, staged(arena, dy, range),
                    x == null ? null : staged(arena, x, range), out, range);
            download(out, sums, rows);
        }
    }

    @Override
    public void sumTree(Tensor sums, Tensor y) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor out = staged(arena, y, Range.ALL);
            kernels.sumTree(staged(arena, sums, Range.ALL), out);
            download(out, y, Range.ALL);
        }
    }

    @Override
    public void mersenneMask(
            MemorySegment state, int outputs, int bits, long threshold, boolean above, Mask mask) {
        kernels.mersenneMask(state, outputs, bits, threshold, above, mask);
    }

    @Override
    public void rows(
            RowMove move, double scale, MemorySegment indices, Tensor x, Tensor y, Range range) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor out = staged(arena, y, Range.ALL);
            kernels.rows(
                    move, scale, upload(arena, indices), staged(arena, x, Range.ALL), out, range);
            download(out, y, Range.ALL);
        }
    }

    @Override
    public void blocks(BlockShape shape, MemorySegment centres, Mask mask, Range range) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment there = upload(arena, mask.segment());
            kernels.blocks(
                    shape, upload(arena, centres), Mask.at(location(), before(there, 0), mask.units()),
                    range);
            download(there, mask.segment());
        }
    }

    private Location location() {
        return CudaLocation.device(device);
    }

    private MaskSource staged(Arena arena, MaskSource source) {
        if (source instanceof PhiloxState) {
            return source;
        }
        Mask mask = (Mask) source;
        MemorySegment there = upload(arena, mask.segment());
        return Mask.at(location(), before(there, 0), mask.units());
    }

    /** The range's elements on the device, in a tensor of which the others do not exist. */
    private Tensor staged(Arena arena, Tensor host, Range range) {
        MemorySegment there = upload(arena, part(host, range));
        long first = range.first() * host.dtype().byteSize();
        return Tensor.at(location(), before(there, first), host.dtype(), host.shape());
    }

    private static MemorySegment part(Tensor host, Range range) {
        long size = host.dtype().byteSize();
        return host.segment().asSlice(range.first() * size, range.count(host.size()) * size);
    }

    private void download(Tensor there, Tensor host, Range range) {
        MemorySegment part = part(host, range);
        long address = there.address().address() + range.first() * host.dtype().byteSize();
        download(MemorySegment.ofAddress(address).reinterpret(part.byteSize()), part);
    }

    /** An address so many bytes before memory, as memory of a device is given. */
    private static MemorySegment before(MemorySegment memory, long bytes) {
        return MemorySegment.ofAddress(memory.address() - bytes);
    }

    private static boolean same(Tensor a, Tensor b) {
        return a == b
                || b != null
                        && a.segment().address() == b.segment().address()
                        && a.segment().heapBase().equals(b.segment().heapBase());
    }

    private MemorySegment upload(Arena arena, MemorySegment host) {
        long offset = host.isNative() ? Math.floorMod(host.address(), ALIGNMENT) : 0;
        long bytes = offset + host.byteSize();
        MemorySegment there =
                CudaMemory.allocate(device, arena, Math.max(1, bytes)).reinterpret(bytes).asSlice(offset);
        CudaMemory.copy(
                device, MemorySegment.NULL, host, Location.HOST, there, location(),
                host.byteSize(), true);
        return there;
    }

    private void download(MemorySegment there, MemorySegment host) {
        CudaMemory.copy(
                device, MemorySegment.NULL, there, location(), host, Location.HOST, host.byteSize(),
                true);
    }
}
