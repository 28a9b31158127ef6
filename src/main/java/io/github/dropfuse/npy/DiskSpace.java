package io.github.dropfuse.npy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Takes a new file's space on the disk. Writing to a mapped file whose blocks were never allocated
 * is a fault in the middle of a kernel when the disk is full, and that ends the process.
 */
final class DiskSpace {
    private static final int BLOCK = 1 << 20;
    private static final int WRITE_ONLY = 1;
    private static final Map<Integer, String> NO_SPACE =
            Map.of(27, "file too large", 28, "no space left on device", 122, "quota exceeded");

    private DiskSpace() {}

    /** Makes an empty file {@code size} bytes long, all of them zeros on real blocks. */
    static void allocate(TemporaryFile file, Path name, long size, Disk disk)
            throws IOException {
        if (size == 0) {
            return;
        }
        OptionalLong usable = usable(file.path(), disk);
        if (usable.isPresent() && usable.getAsLong() < size) {
            String free = " (" + usable.getAsLong() + " are free)";
            throw noSpace(name, size, "no space left on device" + free, null);
        }
        boolean posix = Linker.nativeLinker().defaultLookup().find("posix_fallocate").isPresent();
        boolean allowed = DiskSpace.class.getModule().isNativeAccessEnabled();
        if (!posix || !allowed || !fallocate(file.path(), name, size)) {
            writeZeros(file.channel(), name, size);
        }
    }

    static void writeZeros(FileChannel channel, Path name, long size) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(BLOCK, size));
        try {
            for (long at = 0; at < size; ) {
                zeros.clear().limit((int) Math.min(BLOCK, size - at));
                at += channel.write(zeros, at);
            }
        } catch (IOException e) {
            throw noSpace(name, size, e.getMessage(), e);
        }
    }

    /** The C library's own call, which writes nothing; false where the file system has no such. */
    static boolean fallocate(Path file, Path name, long size) throws IOException {
        int status;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            MethodHandle open =
                    handle("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
            MethodHandle allocate =
                    handle(
                            "posix_fallocate",
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG);
            MethodHandle close = handle("close", ValueLayout.JAVA_INT);
            int descriptor = (int) open.invokeExact(path, WRITE_ONLY);
            if (descriptor < 0) {
                return false;
            }
            try {
                status = (int) allocate.invokeExact(descriptor, 0L, size);
            } finally {
                int ignored = (int) close.invokeExact(descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (NO_SPACE.containsKey(status)) {
            throw noSpace(name, size, NO_SPACE.get(status), null);
        }
        return status == 0;
    }

    private static MethodHandle handle(String function, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
                Linker.Option.firstVariadicArg(arguments.length));
    }

    private static IOException noSpace(Path name, long size, String why, IOException cause) {
        return new IOException(name + ": cannot take " + size + " bytes: " + why, cause);
    }

    /** Nothing where the system does not tell, such as without a table of mounts. */
    private static OptionalLong usable(Path file, Disk disk) {
        try {
            return OptionalLong.of(disk.usable(file.getParent()));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
