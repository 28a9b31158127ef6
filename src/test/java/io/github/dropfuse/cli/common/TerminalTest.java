package io.github.dropfuse.cli.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What C libraries answer, of Linux and of Windows, and of none. */
class TerminalTest {
    private static int answer(int answer, int descriptor) {
        return descriptor == 2 ? answer : -1;
    }

    @ParameterizedTest
    @CsvSource({"isatty,1,true", "isatty,0,false", "_isatty,64,true", "_isatty,0,false"})
    void isAskedForByTheLibrarysName(String name, int answer, boolean watched)
            throws ReflectiveOperationException {
        MethodHandle function =
                MethodHandles.lookup()
                        .findStatic(
                                TerminalTest.class,
                                "answer",
                                MethodType.methodType(int.class, int.class, int.class));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stub =
                    Linker.nativeLinker()
                            .upcallStub(
                                    MethodHandles.insertArguments(function, 0, answer),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                                    arena);
            SymbolLookup library =
                    wanted -> wanted.equals(name) ? Optional.of(stub) : Optional.empty();
            assertEquals(watched, Terminal.watchesErrors(library));
        }
    }

    @Test
    void nobodyWatchesWhereThatCannotBeAsked() {
        assertFalse(Terminal.watchesErrors(wanted -> Optional.empty()));
    }
}
