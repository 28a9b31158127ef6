package io.github.dropfuse.npy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A file that appears under its name in one step, when it is complete. Until then it is written
 * beside that name, hidden; closing it uncommitted, or ending the process by a signal that can be
 * caught, removes it and leaves what was there before as it was. What replaces a file has its
 * owner, group and permissions.
 */
public final class PendingFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final boolean replaces;
    private final FileChannel channel;
    private boolean committed;

    private PendingFile(Path target, Path temporary, boolean replaces, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.replaces = replaces;
        this.channel = channel;
    }

    /**
     * Begins a file.
     *
     * @param path the name it will have; a symbolic link to a file stays one
     * @param replace whether a file of that name may be replaced
     * @return an empty file, open for reading and writing
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if the name cannot be a file's, or no file can be made beside it
     */
    public static PendingFile create(Path path, boolean replace) throws IOException {
        boolean exists = checkTarget(path, replace);
        Path target = exists ? path.toRealPath() : path.toAbsolutePath();
        Path directory = target.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(
                    path.toString(), null, "its directory does not exist");
        }
        Path temporary = directory.resolve(".dropfuse-" + UUID.randomUUID() + ".tmp");
        Leftovers.add(temporary);
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (exists) {
                takeOver(target, temporary);
            }
            return new PendingFile(target, temporary, exists, channel);
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
                Files.delete(temporary);
            }
            Leftovers.remove(temporary);
            throw e instanceof AccessDeniedException
                    ? new AccessDeniedException(path.toString())
                    : e;
        }
    }

    private static boolean checkTarget(Path path, boolean replace) throws IOException {
        if (!Files.exists(path)) {
            return false;
        }
        if (!Files.isRegularFile(path)) {
            String kind = Files.isDirectory(path) ? "a directory" : "not a regular file";
            throw new IOException(path + ": is " + kind);
        }
        if (!replace) {
            throw new FileAlreadyExistsException(path.toString(), null, "exists already");
        }
        if (!Files.isWritable(path)) {
            throw new IOException(path + ": is write-protected");
        }
        return true;
    }

    /**
     * The file's content.
     *
     * @return open until this is committed or closed
     */
    public FileChannel channel() {
        return channel;
    }

    /** Where the content is until it is committed. */
    Path temporary() {
        return temporary;
    }

    /**
     * Gives the file its name. What replaces a file has reached the disk before it does so.
     *
     * @throws FileAlreadyExistsException if another file has taken the name meanwhile
     * @throws IOException if that fails; the file is then removed on closing
     */
    public void commit() throws IOException {
        if (replaces) {
            channel.force(true);
        } else if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "exists already");
        }
        channel.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        committed = true;
        Leftovers.remove(temporary);
    }

    /** Gives a file the owner, group and permissions of the one that it will replace. */
    private static void takeOver(Path target, Path temporary) throws IOException {
        PosixFileAttributeView from =
                Files.getFileAttributeView(target, PosixFileAttributeView.class);
        PosixFileAttributeView to =
                Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        if (from == null || to == null) {
            return;
        }
        PosixFileAttributes wanted = from.readAttributes();
        PosixFileAttributes made = to.readAttributes();
        try {
            if (!made.owner().equals(wanted.owner())) {
                to.setOwner(wanted.owner());
            }
            if (!made.group().equals(wanted.group())) {
                to.setGroup(wanted.group());
            }
            to.setPermissions(wanted.permissions());
        } catch (IOException e) {
            throw new IOException(
                    target + ": belongs to " + wanted.owner() + " and " + wanted.group()
                            + ", who cannot be given a file by this user",
                    e);
        }
    }

    /** Removes the file unless it was committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(temporary);
            Leftovers.remove(temporary);
        }
    }

    /** Files to remove when the process is told to end. */
    private static final class Leftovers {
        private static final Set<Path> FILES = ConcurrentHashMap.newKeySet();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::delete));
        }

        static void add(Path file) {
            FILES.add(file);
        }

        static void remove(Path file) {
            FILES.remove(file);
        }

        private static void delete() {
            for (Path file : FILES) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    System.err.println("dropfuse: " + file + " is left behind: " + e.getMessage());
                }
            }
        }
    }
}
