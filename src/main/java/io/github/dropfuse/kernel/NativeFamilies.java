package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The C functions for masks from a sequence and for normal numbers. */
final class NativeFamilies {
    private static final MethodHandle MERSENNE = dropfuse_h.dropfuse_mersenne_mask$handle();
    private static final MethodHandle PRODUCT = dropfuse_h.dropfuse_product$handle();
    private static final MethodHandle PRODUCT_HEAP =
            Linker.nativeLinker()
                    .downcallHandle(
                            dropfuse_h.dropfuse_product$address(),
                            dropfuse_h.dropfuse_product$descriptor(),
                            Linker.Option.critical(true));
    private static final MethodHandle NORMAL = dropfuse_h.dropfuse_normal$handle();
    private static final MethodHandle NORMAL_HEAP =
            Linker.nativeLinker()
                    .downcallHandle(
                            dropfuse_h.dropfuse_normal$address(),
                            dropfuse_h.dropfuse_normal$descriptor(),
                            Linker.Option.critical(true));

    private NativeFamilies() {}

    static void mersenneMask(
            int tier,
            MemorySegment state,
            int outputs,
            int bits,
            long threshold,
            boolean above,
            long count,
            MemorySegment mask) {
        int status;
        try {
            status =
                    (int)
                            MERSENNE.invokeExact(
                                    tier, state, outputs, bits, threshold, above ? 1 : 0, count,
                                    mask);
        } catch (Throwable e) {
            throw NativeKernels.rethrown(e);
        }
        NativeKernels.check("dropfuse_mersenne_mask", status);
    }

    static void product(
            int tier,
            int type,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long run,
            long cycle,
            long repeat,
            MemorySegment mask,
            long start,
            double divisor,
            double factor) {
        boolean heap = !x.isNative() || !y.isNative() || !mask.isNative();
        MethodHandle call = heap ? PRODUCT_HEAP : PRODUCT;
        long chunk = heap ? NativeKernels.SHORT_CALL : count;
        for (long done = 0; done < count; done += chunk) {
            int status;
            try {
                status =
                        (int)
                                call.invokeExact(
                                        tier, type, x, y, first + done,
                                        Math.min(chunk, count - done), run, cycle, repeat, mask,
                                        start, divisor, factor);
            } catch (Throwable e) {
                throw NativeKernels.rethrown(e);
            }
            NativeKernels.check("dropfuse_product", status);
        }
    }

    static void normal(
            int tier,
            int type,
            MemorySegment x,
            MemorySegment y,
            long first,
            long count,
            long seed,
            long offset,
            long start,
            boolean multiply,
            double sigma) {
        int form =
                multiply ? dropfuse_h.DROPFUSE_MULTIPLY() : dropfuse_h.DROPFUSE_ADD();
        boolean heap = !x.isNative() || !y.isNative();
        MethodHandle call = heap ? NORMAL_HEAP : NORMAL;
        long chunk = heap ? NativeKernels.SHORT_CALL : count;
        for (long done = 0; done < count; done += chunk) {
            int status;
            try {
                status =
                        (int)
                                call.invokeExact(
                                        tier, type, x, y, first + done,
                                        Math.min(chunk, count - done), seed, offset, start, form,
                                        sigma);
            } catch (Throwable e) {
                throw NativeKernels.rethrown(e);
            }
            NativeKernels.check("dropfuse_normal", status);
        }
    }
}
