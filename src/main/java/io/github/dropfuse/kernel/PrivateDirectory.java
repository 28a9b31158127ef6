package io.github.dropfuse.kernel;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;

/**
 * A new directory of a random name, for one file and a short time. Only this user can enter it; on
 * Windows its parent's permissions hold. Closing removes it, and what other processes of this user have
 * left. A process leaves its directory if it is killed, and on Windows always, as the file of a loaded
 * library cannot be deleted there. A process is alive while its lock file is locked.
 */
final class PrivateDirectory implements AutoCloseable {
    private static final String PREFIX = "dropfuse-native-";
    private static final String LOCK = "lock";

    private final Path directory;
    private final String fileName;
    private final FileChannel lock;

    private PrivateDirectory(Path directory, String fileName, FileChannel lock) {
        this.directory = directory;
        this.fileName = fileName;
        this.lock = lock;
    }

    /** Makes one. Use one at a time in a process: it would lose its locks by looking at them. */
    static PrivateDirectory in(Path parent, String fileName) throws IOException {
        while (true) {
            Path directory = Files.createTempDirectory(parent, PREFIX);
            FileChannel lock = lock(directory, true);
            if (lock != null) {
                return new PrivateDirectory(directory, fileName, lock);
            }
        }
    }

    /**
     * Locks a directory; null if another process has locked or removed it.
     *
     * @param withoutLocks what to take it for where the file system knows no locks
     */
    private static FileChannel lock(Path directory, boolean withoutLocks) throws IOException {
        Path file = directory.resolve(LOCK);
        FileChannel channel;
        try {
            channel =
                    FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
        boolean locked;
        try {
            locked = channel.tryLock() != null;
        } catch (IOException e) {
            locked = withoutLocks;
        }
        if (locked && Files.exists(file)) {
            return channel;
        }
        channel.close();
        return null;
    }

    /** The one file to be. */
    Path file() {
        return directory.resolve(fileName);
    }

    /** Whether the file system that this is in refuses to run the file. */
    boolean forbidsExecution() {
        return file().toFile().setExecutable(true) && !Files.isExecutable(file());
    }

    @Override
    public void close() {
        try {
            UserPrincipal user = Files.getOwner(directory);
            try {
                remove(directory, lock);
            } catch (IOException e) {
                // Windows keeps the file of a library that is loaded.
            }
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(directory.getParent(), PREFIX + "*")) {
                for (Path other : found) {
                    removeIfLeft(other, user);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It is for a later process to do.
        }
    }

    private void removeIfLeft(Path other, UserPrincipal user) {
        try {
            if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(user)) {
                FileChannel unlocked = lock(other, false);
                if (unlocked != null) {
                    remove(other, unlocked);
                }
            }
        } catch (IOException e) {
            // Another process was faster, or it cannot be removed.
        }
    }

    private void remove(Path of, FileChannel locked) throws IOException {
        try (locked) {
            Files.deleteIfExists(of.resolve(fileName));
            Files.deleteIfExists(of.resolve(LOCK));
        }
        Files.deleteIfExists(of); // Windows keeps the name of a deleted file while it is open.
    }
}
