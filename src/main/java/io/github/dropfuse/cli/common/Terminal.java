package io.github.dropfuse.cli.common;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/** Whether somebody watches. */
final class Terminal {
    private static final int STANDARD_ERROR = 2;

    private Terminal() {}

    /** Whether standard error is a terminal; false where that cannot be asked. */
    static boolean watchesErrors() {
        return watchesErrors(Linker.nativeLinker().defaultLookup());
    }

    /** Asks a C library, which on Windows has another name for it and more than one way to say yes. */
    static boolean watchesErrors(SymbolLookup library) {
        if (!Terminal.class.getModule().isNativeAccessEnabled()) {
            return false;
        }
        return library.find("isatty")
                .or(() -> library.find("_isatty"))
                .map(
                        isatty -> {
                            try {
                                FunctionDescriptor type =
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
                                return (int)
                                                Linker.nativeLinker()
                                                        .downcallHandle(isatty, type)
                                                        .invokeExact(STANDARD_ERROR)
                                        != 0;
                            } catch (Throwable e) {
                                throw new IllegalStateException("isatty", e);
                            }
                        })
                .orElse(false);
    }
}
