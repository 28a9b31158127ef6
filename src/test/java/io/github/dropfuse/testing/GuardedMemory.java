package io.github.dropfuse.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory between two pages that nobody may touch: a kernel that reads or writes a byte too many
 * ends the process.
 */
public final class GuardedMemory implements AutoCloseable {
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;

    private static final MethodHandle MMAP =
            function(
                    "mmap",
                    FunctionDescriptor.of(
                            ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle MPROTECT =
            function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final long PAGE = askPageSize();

    private final Arena arena = Arena.ofShared();
    private final MemorySegment mapping;
    private final MemorySegment usable;

    /** Room for at least so many bytes; pages that are not touched cost nothing. */
    public GuardedMemory(long bytes) {
        long size = Math.max(1, (bytes + PAGE - 1) / PAGE) * PAGE;
        MemorySegment address = map(size + 2 * PAGE);
        mapping = address.reinterpret(size + 2 * PAGE, arena, GuardedMemory::unmap);
        usable = mapping.asSlice(PAGE, size);
        protect(mapping.asSlice(0, PAGE), PROT_NONE);
        protect(mapping.asSlice(PAGE + size, PAGE), PROT_NONE);
    }

    public static long pageSize() {
        return PAGE;
    }

    /** Bytes whose last one lies directly before the guard. */
    public MemorySegment last(long bytes) {
        return usable.asSlice(usable.byteSize() - bytes, bytes);
    }

    /** Bytes whose first one lies directly after the guard. */
    public MemorySegment first(long bytes) {
        return usable.asSlice(0, bytes);
    }

    /** Makes whole pages unreadable. */
    public static void forbid(MemorySegment pages) {
        protect(pages, PROT_NONE);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static long askPageSize() {
        try {
            return (int) function("getpagesize", FunctionDescriptor.of(JAVA_INT)).invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static MemorySegment map(long bytes) {
        try {
            MemorySegment address =
                    (MemorySegment)
                            MMAP.invokeExact(
                                    MemorySegment.NULL,
                                    bytes,
                                    PROT_READ_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                    -1,
                                    0L);
            if (address.address() == -1) {
                throw new AssertionError("mmap of " + bytes + " bytes failed");
            }
            return address;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void unmap(MemorySegment mapping) {
        try {
            checkZero("munmap", (int) MUNMAP.invokeExact(mapping, mapping.byteSize()));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void protect(MemorySegment pages, int protection) {
        try {
            checkZero(
                    "mprotect", (int) MPROTECT.invokeExact(pages, pages.byteSize(), protection));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void checkZero(String function, int result) {
        if (result != 0) {
            throw new AssertionError(function + " gave " + result);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}
