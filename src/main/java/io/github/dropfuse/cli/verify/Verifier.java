package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.layer.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Computes a case on a backend as it says, and plainly on the reference, and compares all bits. */
final class Verifier implements AutoCloseable {
    private static final Memory.Place ALIGNED = new Memory.Place(Memory.Kind.NATIVE, 0);

    private final Arena arena = Arena.ofShared();
    private final VerifyCase task;
    private final Map<String, MemorySegment> contents = new HashMap<>();
    private final Memory expected = new Memory();

    Verifier(VerifyCase task) {
        this.task = task;
        SplittableRandom random = new SplittableRandom(task.content());
        for (Slot slot : task.slots()) {
            MemorySegment segment = arena.allocate(slot.byteSize(), 64);
            if (slot.use() != Slot.Use.WRITTEN) {
                fill(slot, segment, random);
                contents.put(slot.name(), segment);
            }
            Slot own = new Slot(slot.name(), slot.dtype(), slot.shape(), slot.use(), null, null, 0);
            expected.add(arena, own, Box.of(slot.shape()), ALIGNED).copyFrom(segment);
        }
        Staging plain = Staging.on(Backends.reference()).sequential();
        Box all = Box.of(task.call().shape());
        task.call().run(expected, all, new Call.Setting(plain, null, true));
    }

    /** Half of the cases have all patterns of bits, the others values of moderate size. */
    private void fill(Slot slot, MemorySegment segment, SplittableRandom random) {
        if ((task.content() & 1) == 0 || slot.dtype() == null) {
            byte[] bytes = new byte[Math.toIntExact(segment.byteSize())];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
            return;
        }
        Tensor tensor = Tensor.of(segment, slot.dtype(), slot.shape());
        for (long i = 0; i < tensor.size(); i++) {
            tensor.set(i, random.nextDouble(-4, 4));
        }
    }

    /** Whether a backend has to give the same bits in every mode of the processor. */
    static boolean triesModes(Staging backend) {
        return backend.execution().backend().name().equals("native");
    }

    /** Whether a backend is what the others are compared with. */
    static boolean isReference(Staging backend) {
        return backend.execution().backend() == Backends.reference();
    }

    /** What a backend does differently, in words; empty where all bits are equal, which count. */
    Optional<String> compare(Staging backend, Tally tally) {
        Staging staging = task.split() ? backend : backend.sequential();
        List<FloatingPointMode> modes = new ArrayList<>(Collections.singleton(null));
        if (FloatingPointMode.unavailable().isEmpty() && triesModes(backend)) {
            modes.addAll(task.modes());
        }
        for (Box part : task.parts()) {
            for (FloatingPointMode mode : modes) {
                Optional<String> difference =
                        compare(part, new Call.Setting(staging, mode, false), tally);
                if (difference.isPresent()) {
                    return difference.map(what -> backend + " " + what);
                }
            }
        }
        tally.addCall();
        return Optional.empty();
    }

    private Optional<String> compare(Box part, Call.Setting setting, Tally tally) {
        try (Arena ofCall = Arena.ofShared()) {
            Memory memory = place(ofCall, part);
            try {
                task.call().run(memory, part, setting);
            } catch (RuntimeException e) {
                return Optional.of("fails: " + e);
            }
            for (Slot slot : task.slots()) {
                Optional<String> difference = difference(ofCall, slot, part, memory);
                if (difference.isPresent()) {
                    return difference;
                }
                tally.add(slot, slot.part(part, task.call().shape()));
            }
            return Optional.empty();
        }
    }

    private Memory place(Arena ofCall, Box part) {
        Memory memory = new Memory();
        for (int i = 0; i < task.slots().size(); i++) {
            Slot slot = task.slots().get(i);
            Box own = slot.part(part, task.call().shape());
            MemorySegment segment = memory.add(ofCall, slot, own, task.places().get(i));
            if (contents.containsKey(slot.name())) {
                Memory.copy(contents.get(slot.name()), slot, own, segment);
            }
        }
        return memory;
    }

    private Optional<String> difference(Arena ofCall, Slot slot, Box part, Memory memory) {
        String name = slot.name();
        if (!memory.isIntact(name)) {
            return Optional.of("writes outside of " + name);
        }
        boolean read = slot.use() == Slot.Use.READ;
        if (read && isReplaced(slot)) {
            return Optional.empty();
        }
        Box own = slot.part(part, task.call().shape());
        MemorySegment got = memory.segment(name);
        MemorySegment wanted =
                Memory.copy(
                        read ? contents.get(name) : expected.segment(name),
                        slot,
                        own,
                        ofCall.allocate(got.byteSize(), 64));
        if (read) {
            return got.mismatch(wanted) < 0
                    ? Optional.empty()
                    : Optional.of("changes its input " + name);
        }
        return slot.dtype() == null
                ? bytes(slot, own, got, wanted)
                : elements(slot, own, got, wanted);
    }

    private boolean isReplaced(Slot input) {
        return task.slots().stream().anyMatch(other -> input.name().equals(other.replaces()));
    }

    private static Optional<String> bytes(
            Slot slot, Box own, MemorySegment got, MemorySegment wanted) {
        long at = got.mismatch(wanted);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        "gives " + hex(got, at) + " in byte " + own.index(at, slot.shape()) + " of "
                                + slot.name() + ", the reference " + hex(wanted, at));
    }

    private static Optional<String> elements(
            Slot slot, Box own, MemorySegment got, MemorySegment wanted) {
        Tensor computed = Tensor.of(got, slot.dtype(), own.shape());
        Tensor right = Tensor.of(wanted, slot.dtype(), own.shape());
        long at = Bits.firstDifference(computed, right);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        "gives " + Bits.hex(computed, at) + " at element "
                                + own.index(at, slot.shape()) + " of " + slot.name()
                                + ", the reference " + Bits.hex(right, at));
    }

    private static String hex(MemorySegment segment, long at) {
        return String.format(Locale.ROOT, "0x%02x", segment.get(ValueLayout.JAVA_BYTE, at));
    }

    @Override
    public void close() {
        arena.close();
    }
}
