package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Lanes.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The arrays of one call of {@link JavaKernels}, and the loop over its elements, chunk by chunk.
 * Workspaces are kept for later calls: twice as many as there are processors, and not one a thread,
 * of which there may be a million. A call beyond them makes its own.
 */
final class JavaWorkspace implements AutoCloseable {
    private static final AtomicReferenceArray<JavaWorkspace> POOL =
            new AtomicReferenceArray<>(2 * Runtime.getRuntime().availableProcessors());

    private final ElementBits bits = new ElementBits();
    private final MemorySegment words = MemorySegment.ofArray(bits.words());
    private final FloatLanes floats = new FloatLanes();
    private final DoubleLanes doubles = new DoubleLanes();
    private final long[] kept = new long[Lanes.LENGTH];
    private final long[] dropped = new long[Lanes.LENGTH];
    private final MemorySegment ofKept = MemorySegment.ofArray(kept);
    private final MemorySegment ofDropped = MemorySegment.ofArray(dropped);
    private final MemorySegment ofRepeated = MemorySegment.ofArray(new long[Lanes.LENGTH]);
    private final MemorySegment ofZeros = MemorySegment.ofArray(new long[Lanes.LENGTH]);

    private Effect effect;
    private DType dtype;
    private int size;
    private Lanes lanes;
    private MemorySegment x;
    private MemorySegment vector;
    private MemorySegment second;
    private MemorySegment y;
    private boolean inPlace;

    private JavaWorkspace() {}

    /** A workspace of the calling thread's alone, until it is closed. */
    static JavaWorkspace take() {
        for (int i = 0; i < POOL.length(); i++) {
            if (POOL.getPlain(i) != null) {
                JavaWorkspace free = POOL.getAndSet(i, null);
                if (free != null) {
                    return free;
                }
            }
        }
        return new JavaWorkspace();
    }

    @Override
    public void close() {
        bits.end();
        x = vector = second = y = null; // Memory may be freed while this waits.
        for (int i = 0; i < POOL.length(); i++) {
            if (POOL.getPlain(i) == null && POOL.compareAndSet(i, null, this)) {
                return;
            }
        }
    }

    /** {@link Kernels#mask}. */
    void mask(double p, MaskSource source, Layout layout, Mask mask, Range range) {
        long end = range.first() + range.count(mask.units());
        if (range.first() == end) {
            return;
        }
        bits.begin(p, source, layout, range.first(), end - range.first(), false);
        for (long from = range.first(); from < end; ) {
            int n = bits.next(end - from);
            if (n % Integer.SIZE != 0) {
                bits.words()[n / Integer.SIZE] &= (1 << n) - 1;
            }
            MemorySegment.copy(words, 0, mask.segment(), from / 8, (n + 7) / 8);
            from += n;
        }
    }

    /** {@link Kernels#apply}, of all forms but noise. */
    void apply(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y,
            Range range) {
        long end = range.first() + range.count(y.size());
        if (range.first() == end) {
            return;
        }
        begin(effect, x, vector, second, y);
        if (effect.form() == Effect.Form.BLEND && effect.p() > 0 && effect.p() < 1) {
            blend(range.first(), end);
            return;
        }
        bits.begin(effect.p(), source, layout, range.first(), end - range.first(), true);
        prepareDropped(end - range.first());
        for (long from = range.first(); from < end; from += lanes.n) {
            lanes.begin(bits.next(end - from));
            step(from * size, (long) lanes.n * size);
        }
    }

    private void begin(Effect effect, Tensor x, Tensor vector, Tensor second, Tensor y) {
        this.effect = effect;
        dtype = y.dtype();
        size = dtype.byteSize();
        lanes = dtype.computesIn() == DType.FLOAT64 ? doubles : floats;
        this.x = segment(x);
        this.vector = segment(vector);
        this.second = segment(second);
        this.y = y.segment();
        inPlace = second != null && ReferenceKernels.sameMemory(second, y);
    }

    private static MemorySegment segment(Tensor tensor) {
        return tensor == null ? null : tensor.segment();
    }

    private void blend(long first, long end) {
        for (long from = first; from < end; from += lanes.n) {
            lanes.begin((int) Math.min(end - from, ElementBits.MOST));
            lanes.load(dtype, x, from * size, Operand.X);
            lanes.load(dtype, second, from * size, Operand.SECOND);
            lanes.blend(1 - effect.p(), effect.p());
            MemorySegment.copy(lanes.round(dtype), 0, y, from * size, (long) lanes.n * size);
        }
    }

    /** Has what dropped elements become in its array, where that is the same for all. */
    private void prepareDropped(long count) {
        if (effect.form() == Effect.Form.DROP || second == null) {
            double value = effect.form() == Effect.Form.DROP ? effect.dropped() : 0;
            for (int at = 0; at < Long.BYTES; at += size) {
                dtype.set(ofDropped, at, value);
            }
            int longs = (int) Math.min(count, ElementBits.MOST) * size / Long.BYTES + 1;
            Arrays.fill(dropped, 0, longs, dropped[0]);
        }
    }

    /** Writes the elements of a chunk. */
    private void step(long at, long bytes) {
        if (!bits.isShared()) {
            dropped(at, bytes, ofDropped, 0);
            kept(at, bytes, ofKept, 0);
            Selection.select(size, kept, dropped, bits.words(), lanes.n);
            MemorySegment.copy(ofKept, 0, y, at, bytes);
        } else if (bits.isKept()) {
            kept(at, bytes, y, at);
        } else if (!inPlace) {
            dropped(at, bytes, y, at);
        }
    }

    private void dropped(long at, long bytes, MemorySegment to, long toAt) {
        if (effect.form() == Effect.Form.PRODUCT) {
            product(0, at, bytes, to, toAt);
        } else if (effect.form() != Effect.Form.DROP && second != null) {
            MemorySegment.copy(second, at, to, toAt, bytes);
        } else if (to != ofDropped) {
            MemorySegment.copy(ofDropped, 0, to, toAt, bytes);
        }
    }

    private void kept(long at, long bytes, MemorySegment to, long toAt) {
        switch (effect.form()) {
            case PRODUCT -> product(effect.scale(), at, bytes, to, toAt);
            case ZONEOUT, BLEND -> {
                if (x == null) {
                    MemorySegment.copy(ofZeros, 0, to, toAt, bytes);
                } else {
                    MemorySegment.copy(x, at, to, toAt, bytes);
                }
            }
            default -> {
                lanes.load(dtype, x, at, Operand.X);
                compute(at);
                MemorySegment.copy(lanes.round(dtype), 0, to, toAt, bytes);
            }
        }
    }

    private void compute(long at) {
        switch (effect.form()) {
            case DROP -> {
                if (isMinusZero(effect.shift())) {
                    lanes.scale(effect.scale());
                } else {
                    lanes.scaleAndShift(effect.scale(), effect.shift());
                }
                return;
            }
            case BIASED_BRANCH -> {
                loadVector(at);
                lanes.addVector();
            }
            case SCALED_BRANCH -> {
                loadVector(at);
                lanes.multiplyByVector();
            }
            default -> {}
        }
        lanes.scale(effect.scale());
        if (second != null) {
            lanes.load(dtype, second, at, Operand.SECOND);
            lanes.addSecond();
        }
    }

    /** x + -0.0 has the bits of x. */
    private static boolean isMinusZero(double value) {
        return Double.doubleToRawLongBits(value) == Long.MIN_VALUE;
    }

    /** Loads the vector's values for the elements from a place on: it comes again and again. */
    private void loadVector(long at) {
        long length = vector.byteSize();
        long bytes = (long) lanes.n * size;
        long from = at % length;
        for (long done = 0, n; done < bytes; done += n, from = 0) {
            if (done >= length) { // From here on it repeats what is there.
                n = Math.min(bytes - done, done / length * length);
                MemorySegment.copy(ofRepeated, done - done / length * length, ofRepeated, done, n);
            } else {
                n = Math.min(bytes - done, length - from);
                MemorySegment.copy(vector, from, ofRepeated, done, n);
            }
        }
        lanes.load(dtype, ofRepeated, 0, Operand.VECTOR);
    }

    /** x / shift, rounded to the type, times a factor, rounded again. */
    private void product(double factor, long at, long bytes, MemorySegment to, long toAt) {
        lanes.load(dtype, x, at, Operand.X);
        lanes.divide(effect.shift());
        MemorySegment.copy(lanes.round(dtype), 0, ofRepeated, 0, bytes);
        lanes.load(dtype, ofRepeated, 0, Operand.X);
        lanes.scale(factor);
        MemorySegment.copy(lanes.round(dtype), 0, to, toAt, bytes);
    }
}
