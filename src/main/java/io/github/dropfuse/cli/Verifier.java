package io.github.dropfuse.cli;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.UnitDropout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;

/** Computes a case on a backend as it says, and plainly on the reference, and compares all bits. */
final class Verifier implements AutoCloseable {
    private static final int GUARD = 64;
    private static final byte UNTOUCHED = (byte) 0xA5;

    private final Arena arena = Arena.ofShared();
    private final VerifyCase task;
    private final Tensor x;
    private final MaskSource source;
    private final Tensor expected;
    private final Mask expectedMask;

    Verifier(VerifyCase task) {
        this.task = task;
        x = Tensor.allocate(arena, task.dtype(), task.shape());
        fill(x.segment());
        Execution plain = Execution.automatic().on(Backends.reference()).sequential();
        UnitDropout layer = task.layer().layer(task.p(), task.scaling(), plain);
        expected = Tensor.allocate(arena, task.dtype(), task.shape());
        if (task.layer() == VerifyLayer.MASK) {
            source = task.state();
            expectedMask = layer.mask(arena, x, task.state(), task.start());
            return;
        }
        expectedMask = null;
        source = task.storedMask() ? storedMask(layer.units(x), plain) : task.state();
        call(layer, x, expected, task.start());
    }

    private Mask storedMask(long units, Execution execution) {
        Mask mask = Mask.allocate(arena, task.start() + units);
        Masks.draw(mask, task.p(), task.state(), 0, execution);
        return mask;
    }

    /** The first difference of a backend from the reference, in words; empty if there is none. */
    Optional<String> difference(Backend backend) {
        Execution execution = Execution.automatic().on(backend);
        execution = task.split() ? execution : execution.sequential();
        UnitDropout layer = task.layer().layer(task.p(), task.scaling(), execution);
        return (task.layer() == VerifyLayer.MASK ? maskDifference(layer) : dropDifference(layer))
                .map(what -> backend + " " + what);
    }

    private Optional<String> dropDifference(UnitDropout layer) {
        Guarded out = new Guarded(task.output(), x.byteSize());
        Tensor y = Tensor.of(out.segment, task.dtype(), task.shape());
        Tensor in = y;
        if (task.inPlace()) {
            MemorySegment.copy(x.segment(), 0, y.segment(), 0, x.byteSize());
        } else {
            in = Tensor.of(new Guarded(task.input(), x.byteSize()).segment, x.dtype(), x.shape());
            MemorySegment.copy(x.segment(), 0, in.segment(), 0, x.byteSize());
        }
        long rowUnits = x.size() == 0 ? 0 : layer.units(x) / x.extent(0);
        long from = 0;
        for (long to : task.cuts()) {
            call(layer, in.slice(from, to), y.slice(from, to), task.start() + from * rowUnits);
            from = to;
        }
        if (from == 0) {
            call(layer, in, y, task.start());
        } else {
            call(
                    layer,
                    in.slice(from, x.extent(0)),
                    y.slice(from, x.extent(0)),
                    task.start() + from * rowUnits);
        }
        if (!out.isIntact()) {
            return Optional.of("writes outside of its output");
        }
        if (!task.inPlace() && in.segment().mismatch(x.segment()) >= 0) {
            return Optional.of("changes its input");
        }
        long at = Bits.firstDifference(y, expected);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        "gives " + Bits.hex(y, at) + " at element " + at + ", the reference "
                                + Bits.hex(expected, at));
    }

    private Optional<String> maskDifference(UnitDropout layer) {
        long units = expectedMask.units();
        Guarded out = new Guarded(task.output(), expectedMask.segment().byteSize());
        Mask mask = Mask.of(out.segment, units);
        long rowUnits = units == 0 ? 0 : units / x.extent(0);
        long from = 0;
        for (long cut : task.cuts()) {
            long to = cut * rowUnits / 8 * 8;
            drawPart(mask, from, to, layer.execution());
            from = to;
        }
        drawPart(mask, from, units, layer.execution());
        if (!out.isIntact()) {
            return Optional.of("writes outside of its mask");
        }
        long at = mask.segment().mismatch(expectedMask.segment());
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        "gives " + hex(mask, at) + " in byte " + at + " of the mask, the reference "
                                + hex(expectedMask, at));
    }

    private void drawPart(Mask mask, long from, long to, Execution execution) {
        MemorySegment part = mask.segment().asSlice(from / 8, (to - from + 7) / 8);
        Masks.draw(
                Mask.of(part, to - from), task.p(), task.state(), task.start() + from, execution);
    }

    private void call(UnitDropout layer, Tensor in, Tensor out, long start) {
        if (task.backward()) {
            layer.backward(in, out, source, start);
        } else {
            layer.forward(in, out, source, start);
        }
    }

    /** Half of the cases have all patterns of bits, the others values of moderate size. */
    private void fill(MemorySegment segment) {
        SplittableRandom random = new SplittableRandom(task.content());
        if ((task.content() & 1) == 0) {
            byte[] bytes = new byte[Math.toIntExact(segment.byteSize())];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        } else {
            for (long i = 0; i < x.size(); i++) {
                x.set(i, random.nextDouble(-4, 4));
            }
        }
    }

    private static String hex(Mask mask, long at) {
        return String.format("0x%02x", mask.segment().get(ValueLayout.JAVA_BYTE, at));
    }

    /** Memory at an alignment, with bytes before and after it that nobody may touch. */
    private final class Guarded {
        private final MemorySegment before;
        private final MemorySegment segment;
        private final MemorySegment after;

        Guarded(VerifyCase.Place place, long size) {
            long total = size + 2 * GUARD + place.offset();
            MemorySegment memory =
                    place.heap()
                            ? MemorySegment.ofArray(new byte[Math.toIntExact(total)])
                            : arena.allocate(total, GUARD);
            memory.fill(UNTOUCHED);
            before = memory.asSlice(0, GUARD + place.offset());
            segment = memory.asSlice(before.byteSize(), size);
            after = memory.asSlice(before.byteSize() + size);
        }

        boolean isIntact() {
            return isIntact(before) && isIntact(after);
        }

        private static boolean isIntact(MemorySegment guard) {
            for (byte b : guard.toArray(ValueLayout.JAVA_BYTE)) {
                if (b != UNTOUCHED) {
                    return false;
                }
            }
            return true;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
