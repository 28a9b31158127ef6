package io.github.dropfuse.cli.common;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Whether somebody watches. */
final class Terminal {
    private static final int STANDARD_ERROR = 2;

    private Terminal() {}

    /** Whether standard error is a terminal; false where that cannot be asked. */
    static boolean watchesErrors() {
        Linker linker = Linker.nativeLinker();
        if (!Terminal.class.getModule().isNativeAccessEnabled()) {
            return false;
        }
        return linker.defaultLookup()
                .find("isatty")
                .map(
                        isatty -> {
                            try {
                                FunctionDescriptor type =
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
                                return (int)
                                                linker.downcallHandle(isatty, type)
                                                        .invokeExact(STANDARD_ERROR)
                                        == 1;
                            } catch (Throwable e) {
                                throw new IllegalStateException("isatty", e);
                            }
                        })
                .orElse(false);
    }
}
