package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongPredicate;

/**
 * The primitives in plain Java, element by element, written to be read: what every other backend
 * must equal bit for bit, and what computes the parts that {@link JavaKernels} leaves to it.
 *
 * <p>Java cannot set the thread's floating-point environment. Where a native library of another
 * kind has changed it, to flush subnormal numbers for one, results of plain Java differ.
 */
public final class ReferenceKernels implements Kernels {
    /** The one instance; it has no state. */
    public static final ReferenceKernels INSTANCE = new ReferenceKernels();

    private static final Place PLACE = new HostPlace("reference", "java", false);

    private ReferenceKernels() {}

    @Override
    public Place place() {
        return PLACE;
    }

    @Override
    public void mask(double p, MaskSource source, Layout layout, Mask mask, Range range) {
        LongPredicate keeps = Decisions.of(p, source);
        long end = range.first() + range.count(mask.units());
        for (long from = range.first(); from < end; from += 8) {
            int bits = 0;
            for (int j = 0; j < Math.min(8, end - from); j++) {
                if (keeps.test(layout.unit(from + j))) {
                    bits |= 1 << j;
                }
            }
            mask.segment().set(ValueLayout.JAVA_BYTE, from / 8, (byte) bits);
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
        switch (effect.form()) {
            case DROP -> drop(effect, source, layout, x, y, range);
            case BRANCH, BIASED_BRANCH, SCALED_BRANCH ->
                    branch(effect, source, layout, x, vector, second, y, range);
            case ZONEOUT -> select(effect, source, layout, x, second, y, range);
            case BLEND -> blend(effect, source, layout, x, second, y, range);
            case PRODUCT -> product(effect, source, layout, x, y, range);
            case ADDED_NOISE, MULTIPLIED_NOISE -> noise(effect, source, layout, x, y, range);
        }
    }

    private static void drop(
            Effect effect, MaskSource source, Layout layout, Tensor x, Tensor y, Range range) {
        Arithmetic in = Arithmetic.of(x.dtype());
        double scale = in.round(effect.scale());
        double shift = in.round(effect.shift());
        Decisions.each(
                effect.p(), source, layout, range.first(), range.count(y.size()),
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        y.set(e, kept ? in.fma(x.get(e), scale, shift) : effect.dropped());
                    }
                });
    }

    private static void branch(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y,
            Range range) {
        Arithmetic in = Arithmetic.of(x.dtype());
        double scale = in.round(effect.scale());
        boolean inPlace = second != null && sameMemory(second, y);
        Decisions.each(
                effect.p(), source, layout, range.first(), range.count(y.size()),
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        if (kept) {
                            double v = vector == null ? 0 : vector.get(e % vector.size());
                            double combined =
                                    switch (effect.form()) {
                                        case BIASED_BRANCH -> in.sum(x.get(e), v);
                                        case SCALED_BRANCH -> in.product(x.get(e), v);
                                        default -> x.get(e);
                                    };
                            double value = in.product(combined, scale);
                            y.set(e, second == null ? value : in.sum(second.get(e), value));
                        } else if (second == null) {
                            y.set(e, 0.0);
                        } else if (!inPlace) {
                            copy(second, e, y, e, 1);
                        }
                    }
                });
    }

    private static void select(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor second,
            Tensor y,
            Range range) {
        Decisions.each(
                effect.p(), source, layout, range.first(), range.count(y.size()),
                (kept, from, to) -> {
                    Tensor chosen = kept ? x : second;
                    if (chosen != null) {
                        copy(chosen, from, y, from, to - from);
                        return;
                    }
                    for (long e = from; e < to; e++) {
                        y.set(e, 0.0);
                    }
                });
    }

    private static void blend(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor second,
            Tensor y,
            Range range) {
        if (effect.p() == 0 || effect.p() == 1) {
            select(effect, source, layout, x, second, y, range);
            return;
        }
        Arithmetic in = Arithmetic.of(x.dtype());
        double p = in.round(effect.p());
        double rest = in.round(1 - effect.p());
        long end = range.first() + range.count(y.size());
        for (long e = range.first(); e < end; e++) {
            y.set(e, in.fma(x.get(e), rest, in.product(p, second.get(e))));
        }
    }

    /** Quotient and product are each rounded to the type, which is that of y. */
    private static void product(
            Effect effect, MaskSource source, Layout layout, Tensor x, Tensor y, Range range) {
        Arithmetic in = Arithmetic.of(x.dtype());
        double divisor = in.round(effect.shift());
        double factor = in.round(effect.scale());
        Decisions.each(
                effect.p(), source, layout, range.first(), range.count(y.size()),
                (kept, from, to) -> {
                    for (long e = from; e < to; e++) {
                        y.set(e, x.get(e) / divisor);
                        y.set(e, in.product(y.get(e), kept ? factor : 0.0));
                    }
                });
    }

    private static void noise(
            Effect effect, MaskSource source, Layout layout, Tensor x, Tensor y, Range range) {
        Arithmetic in = Arithmetic.of(x.dtype());
        double sigma = in.round(effect.scale());
        Normals normals = new Normals((PhiloxState) source);
        long end = range.first() + range.count(y.size());
        for (long e = range.first(); e < end; e++) {
            double n = normals.get(layout.unit(e));
            double value =
                    effect.form() == Effect.Form.MULTIPLIED_NOISE
                            ? in.product(x.get(e), in.fma(sigma, n, 1.0))
                            : in.fma(sigma, n, x.get(e));
            y.set(e, value);
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
        Arithmetic in = Arithmetic.of(dy.dtype());
        double scale = in.round(effect.scale());
        long length = sums.extent(1);
        long block = SUM_ROWS * length;
        long count = range.count(dy.size());
        for (long e = range.first(); e < range.first() + count; e += block) {
            for (long column = 0; column < length; column++) {
                sums.set(e / block * length + column, 0.0);
            }
        }
        Decisions.each(
                effect.p(), source, layout, range.first(), count,
                (kept, from, to) -> {
                    for (long e = from; kept && e < to; e++) {
                        double term = in.product(dy.get(e), scale);
                        if (x != null) {
                            term = in.product(term, x.get(e));
                        }
                        long at = e / block * length + e % length;
                        sums.set(at, in.sum(sums.get(at), term));
                    }
                });
    }

    @Override
    public void sumTree(Tensor sums, Tensor y) {
        Arithmetic in = Arithmetic.of(y.dtype());
        long blocks = sums.extent(0);
        long length = sums.extent(1);
        for (long step = 1; step < blocks; step *= 2) {
            for (long b = 0; b + step < blocks; b += 2 * step) {
                for (long to = b * length; to < (b + 1) * length; to++) {
                    sums.set(to, in.sum(sums.get(to), sums.get(to + step * length)));
                }
            }
        }
        for (long column = 0; column < length; column++) {
            y.set(column, blocks == 0 ? 0.0 : sums.get(column));
        }
    }

    @Override
    public void mersenneMask(
            MemorySegment state, int outputs, int bits, long threshold, boolean above, Mask mask) {
        MersenneOutputs sequence = new MersenneOutputs(state);
        long low = -1L >>> Long.SIZE - bits;
        for (long unit = 0; unit < mask.units(); unit++) {
            long value = sequence.next();
            if (outputs == 2) {
                value = value << 32 | sequence.next();
            }
            mask.set(unit, Long.compareUnsigned(value & low, threshold) >= 0 == above);
        }
        endWithZeros(mask, mask.units());
        sequence.save(state);
    }

    @Override
    public void rows(
            RowMove move, double scale, MemorySegment indices, Tensor x, Tensor y, Range range) {
        Arithmetic in = Arithmetic.of(x.dtype());
        double factor = in.round(scale);
        Tensor dense = move == RowMove.GATHER ? y : x;
        long length = dense.extent(1);
        long end = range.first() + range.count(dense.extent(0));
        for (long row = range.first(); row < end; row++) {
            long here = row * length;
            long there = indices.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, row) * length;
            if (move == RowMove.SCATTER) {
                copy(x, here, y, there, length);
            } else if (move == RowMove.GATHER && factor == 1) {
                copy(x, there, y, here, length);
            } else {
                for (long i = 0; i < length; i++) {
                    if (move == RowMove.GATHER) {
                        y.set(here + i, in.product(x.get(there + i), factor));
                    } else {
                        double value = in.product(x.get(here + i), factor);
                        y.set(there + i, in.sum(y.get(there + i), value));
                    }
                }
            }
        }
    }

    @Override
    public void blocks(BlockShape shape, MemorySegment centres, Mask mask, Range range) {
        long size = shape.positions();
        long from = range.first() * size;
        long to = from + range.count(mask.units() / size) * size;
        for (long position = from; position < to; position++) {
            mask.set(position, true);
        }
        endWithZeros(mask, to);
        new Dilation(shape, centres, mask).run(from / size, to / size);
    }

    /** Bits past the last one that was written are 0 in its byte. */
    private static void endWithZeros(Mask mask, long end) {
        if (end % 8 != 0) {
            byte last = mask.segment().get(ValueLayout.JAVA_BYTE, end / 8);
            mask.segment()
                    .set(ValueLayout.JAVA_BYTE, end / 8, (byte) (last & (1 << end % 8) - 1));
        }
    }

    /** Copies elements with their bits. */
    private static void copy(Tensor x, long from, Tensor y, long to, long count) {
        DType dtype = x.dtype();
        int size = dtype.byteSize();
        MemorySegment.copy(x.segment(), from * size, y.segment(), to * size, count * size);
    }

    static boolean sameMemory(Tensor a, Tensor b) {
        MemorySegment x = a.segment();
        MemorySegment y = b.segment();
        return x.address() == y.address() && x.heapBase().equals(y.heapBase());
    }
}
