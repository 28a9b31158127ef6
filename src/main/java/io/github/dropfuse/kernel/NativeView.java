package io.github.dropfuse.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for calls that last: native memory itself, or a native copy of some of a heap array.
 */
final class NativeView {
    private static final long STEP = 1 << 20;

    private final MemorySegment memory;
    private final MemorySegment copy;

    private NativeView(MemorySegment memory, MemorySegment copy) {
        this.memory = memory;
        this.copy = copy;
    }

    /** A view of so many bytes at a time. Without an arena the memory is used as it is. */
    static NativeView of(Arena arena, MemorySegment memory, long bytes) {
        boolean isUsed = arena == null || memory.isNative();
        return new NativeView(memory, isUsed ? memory : arena.allocate(bytes, Long.BYTES));
    }

    /** The same with the bytes' values. */
    static NativeView read(Arena arena, MemorySegment memory) {
        NativeView view = of(arena, memory, memory.byteSize());
        view.read(0, memory.byteSize());
        return view;
    }

    /** Makes a view of other bytes, and gives the address of byte 0 as if it were there too. */
    MemorySegment read(long from, long bytes) {
        if (copy != memory) {
            step(memory, from, copy, 0, bytes);
        }
        return at(from);
    }

    /** The address of byte 0, if the view began with a byte further on. */
    MemorySegment at(long from) {
        return copy == memory ? memory : MemorySegment.ofAddress(copy.address() - from);
    }

    /** Brings the view's bytes to where they belong. */
    void write(long from, long bytes) {
        if (copy != memory) {
            step(copy, 0, memory, from, bytes);
        }
    }

    /** A copy reaches no safepoint either, so it is made in steps. */
    static void step(
            MemorySegment from, long at, MemorySegment to, long toAt, long bytes) {
        for (long done = 0; done < bytes; done += STEP) {
            long some = Math.min(STEP, bytes - done);
            MemorySegment.copy(from, at + done, to, toAt + done, some);
        }
    }
}
