package io.github.dropfuse.kernel;

import io.github.dropfuse.DType;
import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.ffi.dropfuse_place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;

/**
 * The C kernels, on an instruction set of the host or on a CUDA device. A device's calls return
 * before their work is done.
 *
 * <p>Heap arrays are arguments of critical calls, which are kept short: a large call is made in
 * chunks, and what cannot be cut is computed in native memory. Memory of mapped files, whose pages
 * may have to be waited for, is given to critical calls only together with a heap array.
 */
public final class NativeKernels implements Kernels {
    /** A call of so many elements is short enough to be critical: some 10 microseconds of work. */
    static final long SHORT_CALL = 1 << 16;

    /** A block of sums may be longer so many times: it cannot be cut, and a copy costs half as much. */
    private static final int SHORT_BLOCK = 4;

    private static final int TILE = MaskContract.TILE;
    private static final MemorySegment NONE = MemorySegment.NULL;

    /** The index of a row that is given by its address. */
    private static final MemorySegment ROW_0 = Arena.global().allocate(ValueLayout.JAVA_LONG);

    private final Place place;
    private final boolean onHost;

    /** The place as C sees it: the memory, and a view of it that is as long alive as the stream. */
    private final MemorySegment memory;

    private final MemorySegment struct;

    /** The same for a call on a large output, which a tier writes past the caches. */
    private final MemorySegment streaming;

    private final long streamBytes = NativeLibrary.get().streamBytes();

    /** Has segments live as long as another one. */
    private record Lifetime(MemorySegment.Scope scope) implements Arena {
        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }

    private NativeKernels(Place place, int tier, int device, MemorySegment stream) {
        this.place = place;
        this.onHost = tier != dropfuse_h.DROPFUSE_CUDA();
        this.memory = dropfuse_place.allocateArray(2, Arena.ofAuto());
        MemorySegment structs = memory.reinterpret(new Lifetime(stream.scope()), null);
        this.struct = dropfuse_place.asSlice(structs, 0);
        this.streaming = dropfuse_place.asSlice(structs, 1);
        for (MemorySegment each : List.of(struct, streaming)) {
            dropfuse_place.tier(each, tier);
            dropfuse_place.device(each, device);
            dropfuse_place.stream(each, stream);
        }
        dropfuse_place.stores(struct, dropfuse_h.DROPFUSE_STORES_CACHED());
        dropfuse_place.stores(streaming, dropfuse_h.DROPFUSE_STORES_STREAMED());
    }

    /** The place for a call that writes a part of some elements: what counts is all of them. */
    private MemorySegment placeFor(Tensor written) {
        return written.byteSize() < streamBytes ? struct : streaming;
    }

    /** The kernels of an instruction set, a {@code dropfuse_tier}; the library has to be loaded. */
    static NativeKernels of(int tier) {
        return new NativeKernels(new HostPlace("native", tierName(tier), true), tier, 0, NONE);
    }

    /**
     * The kernels on a device's default stream.
     *
     * @param device which device
     * @return the kernels
     */
    public static NativeKernels onDevice(int device) {
        return onStream(device, NONE);
    }

    /**
     * The kernels on a stream.
     *
     * @param device whose stream
     * @param stream the stream's handle, in a scope that lives as long as the stream
     * @return the kernels
     */
    public static NativeKernels onStream(int device, MemorySegment stream) {
        return new NativeKernels(
                new CudaPlace(device, stream), dropfuse_h.DROPFUSE_CUDA(), device, stream);
    }

    static String tierName(int tier) {
        return dropfuse_h.dropfuse_tier_name(tier).getString(0);
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public void mask(double p, MaskSource source, Layout layout, Mask mask, Range range) {
        MemorySegment out = mask.address();
        MemorySegment stored = stored(source);
        long count = range.count(mask.units());
        long most = shortCall(layout);
        boolean critical = critical(count, most, out, stored, NONE, NONE, NONE);
        long chunk = critical ? most : count;
        for (long done = 0; done < count; done += chunk) {
            int status;
            try {
                status =
                        (int)
                                Downcalls.Masks.CALL.invokeExact(
                                        critical, struct, out, range.first() + done,
                                        Math.min(chunk, count - done), layout.run(),
                                        layout.cycle(), layout.repeat(), layout.step(), stored, p,
                                        seed(source), offset(source), layout.start());
            } catch (Throwable e) {
                throw rethrown(e);
            }
            check("dropfuse_mask", status);
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
        MemorySegment in = addressOf(x);
        MemorySegment values = addressOf(vector);
        MemorySegment residual = addressOf(second);
        MemorySegment out = y.address();
        MemorySegment at = placeFor(y);
        MemorySegment mask = stored(source);
        int type = code(y.dtype());
        long length = vector == null ? 1 : vector.size();
        long count = range.count(y.size());
        long most = shortCall(layout);
        boolean critical = critical(count, most, in, out, mask, values, residual);
        long chunk = critical ? most : count;
        long first = range.first();
        for (long left = count, n; left > 0; left -= n, first += n) {
            n = Math.min(chunk, left);
            if (effect.form() == Effect.Form.DROP) {
                drop(critical, at, type, effect, source, layout, in, mask, out, first, n);
            } else {
                combine(
                        critical, at, type, effect, source, layout, in, values, length, residual,
                        mask, out, first, n);
            }
        }
    }

    /** The form that most calls have, apart from the others: a small call feels every branch. */
    private void drop(
            boolean critical,
            MemorySegment at,
            int type,
            Effect effect,
            MaskSource source,
            Layout layout,
            MemorySegment in,
            MemorySegment mask,
            MemorySegment out,
            long first,
            long count) {
        int status;
        try {
            status =
                    (int)
                            Downcalls.Drop.CALL.invokeExact(
                                    critical, at, type, in, out, first, count, layout.run(),
                                    layout.cycle(), layout.repeat(), layout.step(), mask,
                                    effect.p(), seed(source), offset(source), layout.start(),
                                    effect.scale(), effect.shift(), effect.dropped());
        } catch (Throwable e) {
            throw rethrown(e);
        }
        check("dropfuse_drop", status);
    }

    private void combine(
            boolean critical,
            MemorySegment at,
            int type,
            Effect effect,
            MaskSource source,
            Layout layout,
            MemorySegment in,
            MemorySegment values,
            long length,
            MemorySegment residual,
            MemorySegment mask,
            MemorySegment out,
            long first,
            long count) {
        int status;
        try {
            status =
                    switch (effect.form()) {
                        case BRANCH, BIASED_BRANCH, SCALED_BRANCH ->
                                (int)
                                        Downcalls.Residual.CALL.invokeExact(
                                                critical, at, type, in, code(effect.form()),
                                                values, length, residual, out, first, count,
                                                layout.run(), layout.cycle(), layout.repeat(),
                                                layout.step(), mask, effect.p(), seed(source),
                                                offset(source), layout.start(), effect.scale());
                        case ZONEOUT, BLEND ->
                                (int)
                                        Downcalls.Zoneout.CALL.invokeExact(
                                                critical, at, type, code(effect.form()), in,
                                                residual, out, first, count, layout.run(),
                                                layout.cycle(), layout.repeat(), layout.step(),
                                                mask, effect.p(), seed(source), offset(source),
                                                layout.start());
                        case PRODUCT ->
                                (int)
                                        Downcalls.Product.CALL.invokeExact(
                                                critical, at, type, in, out, first, count,
                                                layout.run(), layout.cycle(), layout.repeat(),
                                                layout.step(), mask, layout.start(),
                                                effect.shift(), effect.scale());
                        case ADDED_NOISE, MULTIPLIED_NOISE ->
                                (int)
                                        Downcalls.Normal.CALL.invokeExact(
                                                critical, at, type, in, out, first, count,
                                                layout.cycle(), layout.step(), seed(source),
                                                offset(source), layout.start(),
                                                code(effect.form()), effect.scale());
                        case DROP -> throw new AssertionError("has a call of its own");
                    };
        } catch (Throwable e) {
            throw rethrown(e);
        }
        check(function(effect.form()), status);
    }

    /** A block of rows that is too long for a critical call is copied to native memory. */
    @Override
    public void sumRows(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor dy,
            Tensor x,
            Tensor sums,
            Range range) {
        int type = code(dy.dtype());
        long length = sums.extent(1);
        long block = SUM_ROWS * length;
        long count = range.count(dy.size());
        long most = shortCall(layout);
        boolean critical =
                critical(
                        count, most, dy.address(), addressOf(x), sums.address(), stored(source),
                        NONE);
        boolean cut = critical && count > most;
        boolean copied = cut && block > SHORT_BLOCK * most;
        boolean called = critical && !copied;
        long chunk = cut ? Math.min(count, Math.max(1, most / block) * block) : count;
        long size = dy.dtype().byteSize();
        long rowSize = length * sums.dtype().byteSize();
        try (Arena arena = copied ? Arena.ofConfined() : null) {
            NativeView in = NativeView.of(arena, dy.address(), chunk * size);
            NativeView factor = NativeView.of(arena, addressOf(x), chunk * size);
            NativeView out = NativeView.of(arena, sums.address(), rowSize);
            MemorySegment mask = NativeView.read(arena, stored(source)).at(0);
            for (long done = 0; done < count; done += chunk) {
                long first = range.first() + done;
                long elements = Math.min(chunk, count - done);
                MemorySegment a = in.read(first * size, elements * size);
                MemorySegment b = factor.read(first * size, elements * size);
                MemorySegment row = out.at(first / block * rowSize);
                int status =
                        (int)
                                Downcalls.SumRows.CALL.invokeExact(
                                        called, struct, type, a, b, row, length, first, elements,
                                        layout.run(), layout.cycle(), layout.repeat(),
                                        layout.step(), mask, effect.p(), seed(source),
                                        offset(source), layout.start(), effect.scale());
                check("dropfuse_sum_rows", status);
                out.write(first / block * rowSize, rowSize);
            }
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    @Override
    public void sumTree(Tensor sums, Tensor y) {
        if (y.size() == 0) {
            return;
        }
        boolean heap = !sums.address().isNative() || !y.address().isNative();
        try (Arena arena = heap ? Arena.ofConfined() : null) {
            NativeView rows = NativeView.read(arena, sums.address());
            NativeView out = NativeView.of(arena, y.address(), y.byteSize());
            int status =
                    dropfuse_h.dropfuse_sum_tree(
                            struct, code(y.dtype()), rows.at(0), sums.extent(0), sums.extent(1),
                            out.at(0));
            check("dropfuse_sum_tree", status);
            out.write(0, y.byteSize());
        }
    }

    /** A device leaves it to the host's best kernels. */
    @Override
    public void mersenneMask(
            MemorySegment state, int outputs, int bits, long threshold, boolean above, Mask mask) {
        if (!onHost) {
            BackendRegistry.get()
                    .available()
                    .getFirst()
                    .mersenneMask(state, outputs, bits, threshold, above, mask);
            return;
        }
        boolean heap = !state.isNative() || !mask.address().isNative();
        try (Arena arena = heap ? Arena.ofConfined() : null) {
            NativeView words = NativeView.read(arena, state);
            NativeView out = NativeView.of(arena, mask.address(), mask.address().byteSize());
            int status =
                    dropfuse_h.dropfuse_mersenne_mask(
                            struct, words.at(0), outputs, bits, threshold, above ? 1 : 0,
                            mask.units(), out.at(0));
            check("dropfuse_mersenne_mask", status);
            out.write(0, mask.address().byteSize());
            words.write(0, state.byteSize());
        }
    }

    /** With heap arrays a long row is moved piece by piece. */
    @Override
    public void rows(
            RowMove move, double scale, MemorySegment indices, Tensor x, Tensor y, Range range) {
        boolean gathers = move == RowMove.GATHER;
        Tensor dense = gathers ? y : x;
        int type = code(dense.dtype());
        int operation =
                switch (move) {
                    case GATHER -> dropfuse_h.DROPFUSE_GATHER();
                    case SCATTER -> dropfuse_h.DROPFUSE_SCATTER();
                    case SCATTER_ADD -> dropfuse_h.DROPFUSE_SCATTER_ADD();
                };
        long size = dense.dtype().byteSize();
        long length = dense.extent(1);
        long end = range.first() + range.count(dense.extent(0));
        boolean critical =
                critical(
                        (end - range.first()) * length, SHORT_CALL, x.address(), y.address(),
                        indices, NONE, NONE);
        boolean cut = critical && length > SHORT_CALL;
        MemorySegment written = placeFor(dense);
        long piece = cut ? SHORT_CALL : length;
        long some = !critical ? end - range.first() : cut ? 1 : SHORT_CALL / Math.max(1, length);
        for (long row = range.first(); row < end; row += some) {
            for (long at = 0; at < length; at += piece) {
                long there = cut ? index(indices, row) * length + at : 0;
                long here = row * length + at;
                MemorySegment in = after(x.address(), (gathers ? there : here) * size);
                MemorySegment out = after(y.address(), (gathers ? here : there) * size);
                MemorySegment places = cut ? ROW_0 : after(indices, row * Long.BYTES);
                int status;
                try {
                    status =
                            (int)
                                    Downcalls.Rows.CALL.invokeExact(
                                            critical, written, type, operation, in, out, places,
                                            Math.min(some, end - row),
                                            Math.min(piece, length - at), scale);
                } catch (Throwable e) {
                    throw rethrown(e);
                }
                check("dropfuse_rows", status);
            }
        }
    }

    @Override
    public void blocks(BlockShape shape, MemorySegment centres, Mask mask, Range range) {
        long positions = shape.positions();
        long images = range.count(mask.units() / positions);
        long from = range.first() * positions / 8;
        long bytes = (images * positions + 7) / 8;
        long[] spatial = shape.spatial();
        int last = spatial.length - 1;
        boolean heap = !centres.isNative() || !mask.address().isNative();
        try (Arena arena = heap ? Arena.ofConfined() : null) {
            NativeView in = NativeView.read(arena, centres);
            NativeView out = NativeView.of(arena, mask.address(), bytes);
            int status =
                    dropfuse_h.dropfuse_blocks(
                            struct, in.at(0), out.at(from), range.first(), images, spatial.length,
                            last == 2 ? spatial[0] : 1, spatial[last - 1], spatial[last],
                            shape.side(), shape.valid() ? 1 : 0);
            check("dropfuse_blocks", status);
            out.write(from, bytes);
        }
    }

    /** How many elements make a short call: fewer where blocks lie apart, so that tiles hold few. */
    static long shortCall(Layout layout) {
        if (layout.step() == layout.cycle()) {
            return SHORT_CALL;
        }
        long block =
                Math.min(TILE, layout.run())
                        * Math.min(TILE, layout.cycle())
                        * Math.min(TILE, layout.repeat());
        long together = block * Math.max(1, TILE / layout.step());
        return SHORT_CALL / TILE * Math.min(TILE, together);
    }

    /**
     * Whether a call of so many elements is critical: a short one, unless pages of a file may have
     * to be waited for, and each one with a heap array.
     */
    boolean critical(
            long count,
            long most,
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            MemorySegment d,
            MemorySegment e) {
        if (!onHost) {
            return false;
        }
        boolean quick =
                count <= most
                        && !a.isMapped()
                        && !b.isMapped()
                        && !c.isMapped()
                        && !d.isMapped()
                        && !e.isMapped();
        return quick
                || !a.isNative()
                || !b.isNative()
                || !c.isNative()
                || !d.isNative()
                || !e.isNative();
    }

    /** The packed mask that decides; NULL where a state does. */
    private static MemorySegment stored(MaskSource source) {
        return source instanceof Mask mask ? mask.address() : NONE;
    }

    private static long seed(MaskSource source) {
        return source instanceof Mask ? 0 : ((PhiloxState) source).seed();
    }

    private static long offset(MaskSource source) {
        return source instanceof Mask ? 0 : ((PhiloxState) source).offset();
    }

    private static MemorySegment addressOf(Tensor tensor) {
        return tensor == null ? NONE : tensor.address();
    }

    /** The memory from a byte on; of a device's, again a segment of size 0. */
    private static MemorySegment after(MemorySegment memory, long bytes) {
        return memory.byteSize() > 0 || bytes == 0
                ? memory.asSlice(bytes)
                : memory.reinterpret(bytes).asSlice(bytes);
    }

    private static long index(MemorySegment indices, long row) {
        return indices.get(ValueLayout.JAVA_LONG_UNALIGNED, row * Long.BYTES);
    }

    private static int code(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> dropfuse_h.DROPFUSE_FLOAT32();
            case FLOAT64 -> dropfuse_h.DROPFUSE_FLOAT64();
            case FLOAT16 -> dropfuse_h.DROPFUSE_FLOAT16();
            case BFLOAT16 -> dropfuse_h.DROPFUSE_BFLOAT16();
        };
    }

    /** What becomes of a branch's vector, of a previous state, or of noise. */
    private static int code(Effect.Form form) {
        return switch (form) {
            case BIASED_BRANCH -> dropfuse_h.DROPFUSE_VECTOR_ADD();
            case SCALED_BRANCH -> dropfuse_h.DROPFUSE_VECTOR_MULTIPLY();
            case ZONEOUT -> dropfuse_h.DROPFUSE_SELECT();
            case BLEND -> dropfuse_h.DROPFUSE_EXPECT();
            case MULTIPLIED_NOISE -> dropfuse_h.DROPFUSE_MULTIPLY();
            case ADDED_NOISE -> dropfuse_h.DROPFUSE_ADD();
            default -> dropfuse_h.DROPFUSE_VECTOR_NONE();
        };
    }

    private static String function(Effect.Form form) {
        return switch (form) {
            case DROP -> "dropfuse_drop";
            case BRANCH, BIASED_BRANCH, SCALED_BRANCH -> "dropfuse_residual";
            case ZONEOUT, BLEND -> "dropfuse_zoneout";
            case PRODUCT -> "dropfuse_product";
            case ADDED_NOISE, MULTIPLIED_NOISE -> "dropfuse_normal";
        };
    }

    private void check(String function, int status) {
        Reference.reachabilityFence(memory);
        if (status == dropfuse_h.DROPFUSE_OK()) {
            return;
        }
        if (!onHost) {
            CudaDriver.check(function, status);
        }
        throw new DropfuseException(
                function, status,
                status == dropfuse_h.DROPFUSE_INVALID_ARGUMENT()
                        ? "DROPFUSE_INVALID_ARGUMENT"
                        : "DROPFUSE_UNSUPPORTED",
                dropfuse_h.dropfuse_last_error().getString(0));
    }

    /** What a downcall throws of itself is unchecked: a closed arena, another thread's arena. */
    private static RuntimeException rethrown(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
}
