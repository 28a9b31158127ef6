package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.BlockShape;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import io.github.dropfuse.kernel.Range;
import io.github.dropfuse.kernel.Splitter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * Runs kernels over checked arguments: small calls as they are, which allocates nothing; large ones
 * in pieces over threads; and layouts of several parts part by part.
 */
final class KernelCalls {
    /** The least work that is worth a thread, in elements: some tens of microseconds. */
    static final long GRAIN = 1 << 17;

    /** The same where decisions are stored or shared, which takes a quarter of the time. */
    static final long LIGHT_GRAIN = 1 << 19;

    /** The same in units of a mask. */
    static final long MASK_GRAIN = 1 << 18;

    /** Pieces begin at whole tiles of 512 units, so that no tile is drawn twice. */
    private static final long ALIGN = 4096;

    private KernelCalls() {}

    /** See {@link Kernels#apply}. The identity is a copy, which in place does nothing. */
    static void apply(
            Execution here,
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y) {
        Kernels kernels = here.kernels();
        boolean splits = here.splitter().splits(y.size(), grain(source, layout));
        if (y.size() == 0) {
            return;
        }
        if (effect == Effect.IDENTITY) {
            if (!Checks.sameMemory(x, y)) {
                copy(here, x, y);
            }
        } else if (layout.isOnePart() && !splits) {
            kernels.apply(effect, source, layout, x, vector, second, y, Range.ALL);
        } else {
            new ElementCall(effect, source, layout, x, vector, second, y).run(here);
        }
    }

    private static void copy(Execution here, Tensor x, Tensor y) {
        Place place = here.kernels().place();
        /* Asked for first: what runs pieces is allocated. */
        if (!here.splitter().splits(x.size(), LIGHT_GRAIN)
                || !split(here, x.size(), ALIGN, LIGHT_GRAIN, v -> pieces(place, v.of(x), v.of(y)))) {
            place.copy(x, y);
        }
    }

    private static Splitter.Body pieces(Place place, Tensor x, Tensor y) {
        Tensor from = x.reshape(x.size());
        Tensor to = y.reshape(y.size());
        return (at, n) -> place.copy(from.slice(at, at + n), to.slice(at, at + n));
    }

    private static long grain(MaskSource source, Layout layout) {
        boolean stored = source instanceof Mask;
        return stored || layout.run() > 1 || layout.repeat() > 1 ? LIGHT_GRAIN : GRAIN;
    }

    /** A call on elements that takes more than one of the kernel's. */
    private record ElementCall(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y) {

        void run(Execution here) {
            Kernels kernels = here.kernels();
            long grain = grain(source, layout);
            if (!split(here, y.size(), ALIGN, grain, views -> shared(views).on(kernels))) {
                on(kernels).run(0, y.size());
            }
        }

        private ElementCall shared(Views views) {
            return new ElementCall(
                    effect, views.of(source), layout, views.of(x), views.of(vector),
                    views.of(second), views.of(y));
        }

        private Splitter.Body on(Kernels kernels) {
            return (first, count) -> run(kernels, first, count);
        }

        private void run(Kernels kernels, long first, long count) {
            long size = layout.partSize();
            long n;
            for (long at = first; at < first + count; at += n) {
                n = Math.min(size - at % size, first + count - at);
                Range range = new Range(at % size, n);
                if (layout.isOnePart()) {
                    kernels.apply(effect, source, layout, x, vector, second, y, range);
                } else {
                    long part = at / size;
                    kernels.apply(
                            effect, source, layout.part(part), slice(x, part), vector,
                            slice(second, part), slice(y, part), range);
                }
            }
        }

        private Tensor slice(Tensor tensor, long part) {
            long size = layout.partSize();
            return tensor == null
                    ? null
                    : tensor.reshape(tensor.size()).slice(part * size, (part + 1) * size);
        }
    }

    /** See {@link Kernels#mask}. */
    static void mask(Execution here, double p, MaskSource source, Layout layout, Mask mask) {
        Kernels kernels = here.kernels();
        if (mask.units() == 0) {
            return;
        }
        if (!layout.isOnePart()) {
            maskOfParts(here, p, source, layout, mask);
            return;
        }
        boolean splits =
                split(here, mask.units(), ALIGN, MASK_GRAIN, views -> {
                    MaskSource from = views.of(source);
                    Mask to = views.of(mask);
                    return (at, n) -> kernels.mask(p, from, layout, to, new Range(at, n));
                });
        if (!splits) {
            kernels.mask(p, source, layout, mask, Range.ALL);
        }
    }

    /**
     * Bits of parts begin anywhere in a byte, so the host makes each part apart and moves its bits.
     */
    private static void maskOfParts(
            Execution here, double p, MaskSource source, Layout layout, Mask mask) {
        Kernels host = here.onHost().kernels();
        Place place = here.kernels().place();
        try (Arena arena = Arena.ofConfined()) {
            MaskSource from =
                    source instanceof Mask stored ? Masks.onHost(arena, place, stored) : source;
            Mask to = mask.location().isHost() ? mask : Mask.allocate(arena, mask.units());
            Mask part = Mask.allocate(arena, layout.partSize());
            for (long at = 0; at < mask.units(); at += part.units()) {
                Layout units = layout.part(at / part.units());
                host.mask(p, from, units, part, Range.ALL);
                for (long j = 0; j < part.units(); j++) {
                    to.set(at + j, part.keeps(j));
                }
            }
            if (to != mask) {
                place.copy(to, mask);
            }
        }
    }

    /**
     * Sums over rows with an effect's p and scale: of dy, or where x is not null of their product.
     */
    static void sums(
            Execution here,
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor dy,
            Tensor x,
            Tensor out) {
        long length = out.size();
        if (length == 0) {
            return;
        }
        Kernels kernels = here.kernels();
        long block = Kernels.SUM_ROWS * length;
        long blocks = dy.size() / block + (dy.size() % block == 0 ? 0 : 1);
        long grain = Math.max(1, GRAIN / block);
        Place place = kernels.place();
        DType type = dy.dtype().computesIn();
        try (Arena arena = scratchArena(here.splitter().splits(blocks, grain))) {
            MemorySegment scratch = place.scratch(arena, blocks * length * type.byteSize());
            Tensor sums = Tensor.at(place.location(), scratch, type, blocks, length);
            boolean splits =
                    split(here, blocks, 1, grain, views -> {
                        Tensor sharedDy = views.of(dy);
                        Tensor sharedX = views.of(x);
                        MaskSource from = views.of(source);
                        return (at, n) -> {
                            long count = Math.min(n * block, dy.size() - at * block);
                            Range range = new Range(at * block, count);
                            kernels.sumRows(effect, from, layout, sharedDy, sharedX, sums, range);
                        };
                    });
            if (!splits && blocks > 0) {
                kernels.sumRows(effect, source, layout, dy, x, sums, Range.ALL);
            }
            kernels.sumTree(sums, out);
        }
    }

    /** See {@link Kernels#blocks}: all images, whose masks begin at whole bytes in groups of 8. */
    static void blocks(Execution here, BlockShape shape, MemorySegment centres, Mask mask) {
        Kernels kernels = here.kernels();
        long images = mask.units() / shape.positions();
        long grain = Math.max(8, MASK_GRAIN / shape.positions());
        boolean splits =
                split(here, images, 8, grain, views -> {
                    MemorySegment from = views.of(centres);
                    Mask to = views.of(mask);
                    return (at, n) -> kernels.blocks(shape, from, to, new Range(at, n));
                });
        if (!splits) {
            kernels.blocks(shape, centres, mask, Range.ALL);
        }
    }

    /**
     * Splits a large call over threads, of which each has views of the memory.
     *
     * @return false if the call is small or some of its memory has no view: nothing was done
     */
    static boolean split(
            Execution here,
            long count,
            long align,
            long grain,
            Function<Views, Splitter.Body> call) {
        if (!here.splitter().splits(count, grain)) {
            return false;
        }
        Views views = new Views(here.kernels().place());
        Splitter.Body shared = call.apply(views);
        if (views.isComplete()) {
            here.splitter().run(count, align, grain, views::check, shared);
        }
        return views.isComplete();
    }

    /** An arena for the time of a call, whose memory every thread of the call may use. */
    static Arena scratchArena(boolean splits) {
        return splits ? Arena.ofShared() : Arena.ofConfined();
    }
}
