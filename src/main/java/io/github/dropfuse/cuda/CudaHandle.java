package io.github.dropfuse.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A handle of the driver's in an arena of its own, so that it cannot be closed while a call uses it,
 * nor used when it is closed.
 */
final class CudaHandle {
    private final Arena arena = Arena.ofShared();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final MemorySegment handle;

    CudaHandle(Function<Arena, MemorySegment> create) {
        try {
            handle = create.apply(arena);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    MemorySegment get() {
        return handle;
    }

    void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                arena.close();
            } catch (IllegalStateException inUse) {
                closed.set(false);
                throw inUse;
            }
        }
    }
}
