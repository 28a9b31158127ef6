package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * C functions that are called critically or not: a linker option, which jextract does not know. The
 * first argument says which; the others are those of dropfuse.h.
 *
 * <p>A critical call keeps its thread from reaching a safepoint. It costs less to enter and may be
 * given heap memory, but it has to be short. A plain call may last.
 *
 * <p>Each handle is in a class of its own, so that a process links only what it calls.
 */
final class Downcalls {
    private Downcalls() {}

    /** dropfuse_mask(). */
    static final class Masks {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_mask$address(), dropfuse_h.dropfuse_mask$descriptor());
    }

    /** dropfuse_drop(). */
    static final class Drop {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_drop$address(), dropfuse_h.dropfuse_drop$descriptor());
    }

    /** dropfuse_residual(). */
    static final class Residual {
        static final MethodHandle CALL =
                of(
                        dropfuse_h.dropfuse_residual$address(),
                        dropfuse_h.dropfuse_residual$descriptor());
    }

    /** dropfuse_zoneout(). */
    static final class Zoneout {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_zoneout$address(), dropfuse_h.dropfuse_zoneout$descriptor());
    }

    /** dropfuse_sum_rows(). */
    static final class SumRows {
        static final MethodHandle CALL =
                of(
                        dropfuse_h.dropfuse_sum_rows$address(),
                        dropfuse_h.dropfuse_sum_rows$descriptor());
    }

    /** dropfuse_product(). */
    static final class Product {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_product$address(), dropfuse_h.dropfuse_product$descriptor());
    }

    /** dropfuse_normal(). */
    static final class Normal {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_normal$address(), dropfuse_h.dropfuse_normal$descriptor());
    }

    /** dropfuse_rows(). */
    static final class Rows {
        static final MethodHandle CALL =
                of(dropfuse_h.dropfuse_rows$address(), dropfuse_h.dropfuse_rows$descriptor());
    }

    /** Both kinds of call behind one constant handle, which the compiler sees through. */
    private static MethodHandle of(MemorySegment address, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        MethodHandle plain = linker.downcallHandle(address, descriptor);
        MethodHandle critical =
                linker.downcallHandle(address, descriptor, Linker.Option.critical(true));
        return MethodHandles.guardWithTest(
                MethodHandles.identity(boolean.class),
                MethodHandles.dropArguments(critical, 0, boolean.class),
                MethodHandles.dropArguments(plain, 0, boolean.class));
    }
}
