package io.github.dropfuse.cuda;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A tensor on the first device that begins at any byte, between bytes that have to stay. */
final class Fenced {
    private static final int FENCE = 48;
    private static final byte FILL = 0x5A;

    private final Tensor space;
    private final Tensor tensor;
    private final int before;

    private Fenced(Tensor space, Tensor tensor, int before) {
        this.space = space;
        this.tensor = tensor;
        this.before = before;
    }

    /** A copy of a tensor, `at` bytes after a multiple of 16. */
    static Fenced upload(Arena arena, Tensor host, int at) {
        int before = FENCE + at;
        int bytes = (before + (int) host.byteSize() + FENCE + 1) / 2 * 2;
        MemorySegment all = MemorySegment.ofArray(new byte[bytes]).fill(FILL);
        all.asSlice(before, host.byteSize()).copyFrom(host.segment());
        Tensor space = Device.upload(arena, Tensor.of(all, DType.FLOAT16, bytes / 2));
        MemorySegment address = space.address().reinterpret(bytes).asSlice(before, 0);
        return new Fenced(space, Device.first().view(address, host.dtype(), host.shape()), before);
    }

    Tensor tensor() {
        return tensor;
    }

    /** Demands the bits of a tensor, and the fences as they were. */
    void holds(Tensor wanted, String what) {
        MemorySegment all = Device.download(space);
        long after = before + tensor.byteSize();
        Patterns.assertFilled(all.asSlice(0, before), FILL, what + ", before");
        Patterns.assertFilled(all.asSlice(after), FILL, what + ", after");
        Patterns.assertEqual(
                tensor.dtype(), wanted.segment(), all.asSlice(before, tensor.byteSize()), what);
    }
}
