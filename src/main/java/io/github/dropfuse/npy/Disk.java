package io.github.dropfuse.npy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Calls to the file system: tests watch them, and refuse them as some file systems do. */
class Disk {
    static final Disk REAL = new Disk();

    /** Makes a file that is not there, open for reading and writing. */
    FileChannel create(Path file, FileAttribute<?>... attributes) throws IOException {
        Set<StandardOpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        return FileChannel.open(file, options, attributes);
    }

    MemorySegment map(FileChannel channel, MapMode mode, long offset, long size, Arena arena)
            throws IOException {
        return channel.map(mode, offset, size, arena);
    }

    long usable(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    /** Gives a file a name in one step, whether or not another file has it. */
    void rename(Path file, Path name) throws IOException {
        Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
    }

    void link(Path name, Path file) throws IOException {
        Files.createLink(name, file);
    }

    /** Returns when a file is on the disk. */
    void sync(FileChannel file) throws IOException {
        file.force(true);
    }

    /** Returns when a directory's names are on the disk. */
    void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
