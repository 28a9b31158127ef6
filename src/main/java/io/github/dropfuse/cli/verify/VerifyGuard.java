package io.github.dropfuse.cli.verify;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory at an alignment, with bytes before and after it that nobody may touch. */
final class VerifyGuard {
    private static final int GUARD = 64;
    private static final byte UNTOUCHED = (byte) 0xA5;

    private final MemorySegment before;
    private final MemorySegment segment;
    private final MemorySegment after;

    VerifyGuard(Arena arena, VerifyCase.Place place, long size) {
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

    MemorySegment segment() {
        return segment;
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
