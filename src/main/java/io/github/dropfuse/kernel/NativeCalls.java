package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
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
    static final MethodHandle DROP_SHORT = drop(false);
    static final MethodHandle DROP_HEAP = drop(true);
    static final MethodHandle AFFINE = dropfuse_h.dropfuse_affine$handle();
    static final MethodHandle AFFINE_SHORT = affine(false);
    static final MethodHandle AFFINE_HEAP = affine(true);
    static final MethodHandle RESIDUAL = dropfuse_h.dropfuse_residual$handle();
    static final MethodHandle RESIDUAL_SHORT = residual(false);
    static final MethodHandle RESIDUAL_HEAP = residual(true);
    static final MethodHandle SUM_ROWS = dropfuse_h.dropfuse_sum_rows$handle();
    static final MethodHandle SUM_ROWS_HEAP =
            critical(
                    dropfuse_h.dropfuse_sum_rows$address(),
                    dropfuse_h.dropfuse_sum_rows$descriptor(),
                    true);
    static final MethodHandle SUM_TREE = dropfuse_h.dropfuse_sum_tree$handle();
    static final MethodHandle SUM_TREE_HEAP =
            critical(
                    dropfuse_h.dropfuse_sum_tree$address(),
                    dropfuse_h.dropfuse_sum_tree$descriptor(),
                    true);
    static final MethodHandle MASK = dropfuse_h.dropfuse_mask$handle();
    static final MethodHandle MASK_SHORT = mask(false);
    static final MethodHandle MASK_HEAP = mask(true);

    private NativeCalls() {}

    private static MethodHandle drop(boolean heap) {
        return critical(
                dropfuse_h.dropfuse_drop$address(), dropfuse_h.dropfuse_drop$descriptor(), heap);
    }

    private static MethodHandle affine(boolean heap) {
        return critical(
                dropfuse_h.dropfuse_affine$address(),
                dropfuse_h.dropfuse_affine$descriptor(),
                heap);
    }

    private static MethodHandle residual(boolean heap) {
        return critical(
                dropfuse_h.dropfuse_residual$address(),
                dropfuse_h.dropfuse_residual$descriptor(),
                heap);
    }

    private static MethodHandle mask(boolean heap) {
        return critical(
                dropfuse_h.dropfuse_mask$address(), dropfuse_h.dropfuse_mask$descriptor(), heap);
    }

    private static MethodHandle critical(
            MemorySegment address, FunctionDescriptor descriptor, boolean heap) {
        return Linker.nativeLinker()
                .downcallHandle(address, descriptor, Linker.Option.critical(heap));
    }
}
