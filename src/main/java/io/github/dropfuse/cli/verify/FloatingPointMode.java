package io.github.dropfuse.cli.verify;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A mode of the processor that changes results, as libraries built with fast-math leave it behind in
 * their threads. The native backend has to undo it for the time of its calls.
 */
enum FloatingPointMode {
    FLUSH_TO_ZERO(1 << 15, 1 << 24),
    DENORMALS_ARE_ZERO(1 << 6, 1 << 24),
    DOWNWARD(1 << 13, 2 << 22),
    UPWARD(2 << 13, 1 << 22),
    TOWARDS_ZERO(3 << 13, 3 << 22);

    /** As large as any system's fenv_t. */
    private static final long ENVIRONMENT_BYTES = 64;

    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");

    /** Where MXCSR is in an fenv_t of Linux, or FPCR on aarch64. */
    private static final long CONTROL = X86 ? 28 : 0;

    /** Bits of the former and of the latter that are no flags of what has happened. */
    private static final int MODES = X86 ? 0xFFC0 : 0x07C8_0000;

    private final int ofMxcsr;
    private final int ofFpcr;

    FloatingPointMode(int ofMxcsr, int ofFpcr) {
        this.ofMxcsr = ofMxcsr;
        this.ofFpcr = ofFpcr;
    }

    private int bits() {
        return X86 ? ofMxcsr : ofFpcr;
    }

    /** C's functions for the calling thread's environment; null where there are none. */
    private static final MethodHandle GET = find("fegetenv");

    private static final MethodHandle SET = find("fesetenv");

    private static MethodHandle find(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .filter(found -> FloatingPointMode.class.getModule().isNativeAccessEnabled())
                .map(
                        found ->
                                linker.downcallHandle(
                                        found,
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS)))
                .orElse(null);
    }

    /** Why modes cannot be tried here; empty where they can. */
    static Optional<String> unavailable() {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!system.equals("Linux") || !X86 && !processor.equals("aarch64")) {
            return Optional.of("how to set them is not known on " + system + " " + processor);
        }
        return GET == null || SET == null
                ? Optional.of("fegetenv and fesetenv cannot be called")
                : Optional.empty();
    }

    /** Makes a call in this mode, which has to be left as it was. */
    void run(Runnable call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment before = environment(arena);
            MemorySegment changed = arena.allocate(ENVIRONMENT_BYTES).copyFrom(before);
            int control = before.get(ValueLayout.JAVA_INT, CONTROL) & ~TOWARDS_ZERO.bits();
            changed.set(ValueLayout.JAVA_INT, CONTROL, control | bits());
            MemorySegment after;
            invoke(SET, changed);
            try {
                call.run();
                after = environment(arena);
            } finally {
                invoke(SET, before);
            }
            int left = after.get(ValueLayout.JAVA_INT, CONTROL) & MODES;
            if (left != ((control | bits()) & MODES)) {
                throw new IllegalStateException(
                        "the floating-point mode is 0x" + Integer.toHexString(left) + " after it");
            }
        }
    }

    private static MemorySegment environment(Arena arena) {
        MemorySegment environment = arena.allocate(ENVIRONMENT_BYTES, 16);
        invoke(GET, environment);
        return environment;
    }

    private static void invoke(MethodHandle function, MemorySegment environment) {
        try {
            int status = (int) function.invokeExact(environment);
            if (status != 0) {
                throw new IllegalStateException("the floating-point environment cannot be changed");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
