package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * The downcalls whose linker options jextract cannot express, built from its addresses and
 * descriptors.
 *
 * <p>A critical call keeps the thread from reaching a safepoint, so it costs less to enter and may
 * be given heap memory, and must be short. A plain call may last.
 */
final class NativeCalls {
    static final MethodHandle DROP = dropfuse_h.dropfuse_drop$handle();
    static final MethodHandle DROP_SHORT = dropCritical(false);
    static final MethodHandle DROP_HEAP = dropCritical(true);
    static final MethodHandle MASK = dropfuse_h.dropfuse_mask$handle();
    static final MethodHandle MASK_SHORT = maskCritical(false);
    static final MethodHandle MASK_HEAP = maskCritical(true);

    private NativeCalls() {}

    private static MethodHandle dropCritical(boolean heap) {
        return Linker.nativeLinker()
                .downcallHandle(
                        dropfuse_h.dropfuse_drop$address(),
                        dropfuse_h.dropfuse_drop$descriptor(),
                        Linker.Option.critical(heap));
    }

    private static MethodHandle maskCritical(boolean heap) {
        return Linker.nativeLinker()
                .downcallHandle(
                        dropfuse_h.dropfuse_mask$address(),
                        dropfuse_h.dropfuse_mask$descriptor(),
                        Linker.Option.critical(heap));
    }
}
