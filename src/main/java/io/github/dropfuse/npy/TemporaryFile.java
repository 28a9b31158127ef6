package io.github.dropfuse.npy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A hidden file beside the one that it will become. Its process holds a lock on it; one without is
 * what a dead process left behind, and the next one that is made in the directory removes it. A
 * process that ends by a signal that can be caught removes its own.
 */
final class TemporaryFile {
    private static final String PREFIX = ".dropfuse-";
    private static final Pattern NAME =
            Pattern.compile("\\.dropfuse-(\\d+-\\d+)-[0-9a-f-]{36}\\.tmp");
    private static final String PROCESS = process();

    private final Path path;
    private final FileChannel channel;
    private final Thread atEnd = new Thread(this::deleteAtEnd);

    private TemporaryFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** What is done with a file before it is locked: the C library may open and close it then. */
    interface Preparation {
        void prepare(TemporaryFile file) throws IOException;
    }

    /** Makes one for a target, with the owner, group and permissions of the file there. */
    static TemporaryFile create(Target target, Preparation preparation, Disk disk)
            throws IOException {
        deleteLeftovers(target.directory());
        FileAttribute<?>[] attributes =
                target.hasPermissions()
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(target.narrowPermissions())
                        }
                        : new FileAttribute<?>[0];
        TemporaryFile file;
        do {
            file = create(target.directory(), disk, attributes);
            try {
                if (target.hasPermissions()) {
                    target.giveAttributes(file.path);
                }
                preparation.prepare(file);
                file.lock();
            } catch (Throwable e) {
                file.delete();
                throw e;
            }
        } while (file.wasTakenForALeftover());
        return file;
    }

    private static TemporaryFile create(
            Path directory, Disk disk, FileAttribute<?>[] attributes) throws IOException {
        Path path = directory.resolve(PREFIX + PROCESS + "-" + UUID.randomUUID() + ".tmp");
        TemporaryFile file = new TemporaryFile(path, disk.create(path, attributes));
        try {
            Runtime.getRuntime().addShutdownHook(file.atEnd);
        } catch (IllegalStateException e) {
            file.delete();
            throw new IOException("the process is ending", e);
        }
        return file;
    }

    /** Without locks, which not every file system has, nothing is taken for a leftover. */
    private void lock() {
        try {
            channel.lock();
        } catch (IOException e) {
            return;
        }
    }

    private boolean wasTakenForALeftover() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        delete();
        return true;
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    /** Lets go of a file that has got another name. */
    void close() throws IOException {
        channel.close();
        forget();
    }

    /** Closes and removes the file. */
    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
        forget();
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException e) {
            return; // it runs
        }
    }

    private void deleteAtEnd() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.err.println("dropfuse: " + path + " is left behind: " + e.getMessage());
        }
    }

    private static void deleteLeftovers(Path directory) {
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(directory, TemporaryFile::isOfAnotherProcess)) {
            files.forEach(TemporaryFile::deleteUnlessLocked);
        } catch (IOException | DirectoryIteratorException e) {
            return; // a directory that may be written but not listed
        }
    }

    /** Closing any channel of a file would end this process's own lock on it. */
    private static boolean isOfAnotherProcess(Path file) {
        var name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                && !name.group(1).equals(PROCESS)
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static void deleteUnlessLocked(Path file) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (channel.tryLock() != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | OverlappingFileLockException e) {
            return; // another user's, or on a file system without locks
        }
    }

    /** Equal in all class loaders of a process, and hardly ever in two processes. */
    private static String process() {
        ProcessHandle process = ProcessHandle.current();
        long begun = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + begun;
    }
}
