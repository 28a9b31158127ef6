package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The primitives in plain Java, element by element, written to be read: what every other backend
 * must equal bit for bit, and what serves where no native library is.
 */
public final class ReferenceKernels implements Kernels {
    /** The one instance; it has no state. */
    public static final ReferenceKernels INSTANCE = new ReferenceKernels();

    private ReferenceKernels() {}

    @Override
    public String backend() {
        return "reference";
    }

    @Override
    public String tier() {
        return "java";
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
        MaskContract contract = new MaskContract(p, seed, offset);
        for (long from = 0; from < count; from += 8) {
            int bits = 0;
            for (int j = 0; j < Math.min(8, count - from); j++) {
                if (contract.keeps(start + from + j)) {
                    bits |= 1 << j;
                }
            }
            mask.set(ValueLayout.JAVA_BYTE, byteOffset + from / 8, (byte) bits);
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
        Arithmetic in = Arithmetic.of(dtype);
        double factor = in.round(scale);
        int size = dtype.byteSize();
        Stretches.each(
                first, count, run, cycle, repeat, mask, p, seed, offset, start,
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        double value = kept ? in.product(dtype.get(x, e * size), factor) : 0.0;
                        dtype.set(y, e * size, value);
                    }
                });
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
        Arithmetic in = Arithmetic.of(dtype);
        double a = in.round(scale);
        double b = in.round(shift);
        int size = dtype.byteSize();
        Stretches.each(
                first, count, run, cycle, repeat, mask, p, seed, offset, start,
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        double value = kept ? in.fma(dtype.get(x, e * size), a, b) : dropped;
                        dtype.set(y, e * size, value);
                    }
                });
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
        Arithmetic in = Arithmetic.of(dtype);
        double factor = in.round(scale);
        int size = dtype.byteSize();
        boolean added = !residual.equals(MemorySegment.NULL);
        boolean inPlace =
                y.address() == residual.address() && y.heapBase().equals(residual.heapBase());
        Stretches.each(
                first, count, run, cycle, repeat, mask, p, seed, offset, start,
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        long at = e * size;
                        if (kept) {
                            double v =
                                    use == VectorUse.NONE
                                            ? 0.0
                                            : dtype.get(vector, e % length * size);
                            double branch =
                                    in.product(use.apply(in, dtype.get(x, at), v), factor);
                            double sum =
                                    added ? in.sum(dtype.get(residual, at), branch) : branch;
                            dtype.set(y, at, sum);
                        } else if (added && !inPlace) {
                            MemorySegment.copy(residual, at, y, at, size);
                        } else if (!added) {
                            dtype.set(y, at, 0.0);
                        }
                    }
                });
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
        DType total = dtype.computesIn();
        Arithmetic in = Arithmetic.of(dtype);
        double factor = in.round(scale);
        int size = dtype.byteSize();
        boolean two = !x.equals(MemorySegment.NULL);
        long block = SUM_ROWS * length;
        long row = length * total.byteSize();
        sums.asSlice(first / block * row, (count + block - 1) / block * row).fill((byte) 0);
        Stretches.each(
                first, count, run, cycle, repeat, mask, p, seed, offset, start,
                (kept, from, to) -> {
                    for (long e = from; kept && e < to; e++) {
                        double term = in.product(dtype.get(dy, e * size), factor);
                        if (two) {
                            term = in.product(term, dtype.get(x, e * size));
                        }
                        long at = e / block * row + e % length * total.byteSize();
                        total.set(sums, at, in.sum(total.get(sums, at), term));
                    }
                });
    }

    @Override
    public void sumTree(
            DType dtype, MemorySegment sums, long blocks, long length, MemorySegment y) {
        DType total = dtype.computesIn();
        Arithmetic in = Arithmetic.of(dtype);
        int size = total.byteSize();
        for (long step = 1; step < blocks; step *= 2) {
            for (long b = 0; b + step < blocks; b += 2 * step) {
                for (long c = 0; c < length; c++) {
                    long to = (b * length + c) * size;
                    double other = total.get(sums, to + step * length * size);
                    total.set(sums, to, in.sum(total.get(sums, to), other));
                }
            }
        }
        for (long c = 0; c < length; c++) {
            dtype.set(y, c * dtype.byteSize(), blocks == 0 ? 0.0 : total.get(sums, c * size));
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
        MersenneMask.draw(state, outputs, bits, threshold, above, count, mask);
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
        Products.apply(
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
        Normals.apply(dtype, x, y, first, count, seed, offset, start, multiply, sigma);
    }

    @Override
    public MemorySegment shareable(MemorySegment segment) {
        return null;
    }
}
