package io.github.dropfuse.npy;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A file that appears under its name in one step, when it is complete and on the disk. (Where the file
 * system has no hard links, a new name is an empty file's for a moment before.) Until then it
 * is written beside that name, hidden; closing it uncommitted, or ending the process by a signal
 * that can be caught, removes it and leaves what was there before as it was. What a process leaves
 * that is killed is removed when the next file is made in the directory.
 *
 * <p>What replaces a file has its owner, group and permissions. Other names of the replaced file,
 * which are hard links, keep the old content: see {@link #otherNames()}. Symbolic links stay, and
 * what they lead to is made or replaced. Pipes and devices such as terminals are written to at once.
 */
public final class PendingFile implements AutoCloseable {
    private final Target target;
    private final boolean replace;
    private final TemporaryFile temporary;
    private final FileChannel channel;
    private final Disk disk;
    private int otherNames;
    private boolean committed;

    private PendingFile(
            Target target,
            boolean replace,
            TemporaryFile temporary,
            FileChannel channel,
            Disk disk) {
        this.target = target;
        this.replace = replace;
        this.temporary = temporary;
        this.channel = channel;
        this.disk = disk;
    }

    /**
     * Begins a file.
     *
     * @param path the name it will have
     * @param replace whether a file of that name may be replaced
     * @return an empty file, open for reading and writing; a pipe or device for writing only
     * @throws IllegalArgumentException if the path is not of the default file system
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if the name cannot be a file's, or no file can be made beside it
     */
    public static PendingFile create(Path path, boolean replace) throws IOException {
        return create(Objects.requireNonNull(path, "path"), replace, 0, Disk.REAL);
    }

    /**
     * Refuses a name as {@link #create} would, and makes nothing.
     *
     * @param path the name of a file to be
     * @param replace whether a file of that name may be replaced
     * @throws IllegalArgumentException if the path is not of the default file system
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if the name cannot be a file's
     */
    public static void check(Path path, boolean replace) throws IOException {
        Target.of(Objects.requireNonNull(path, "path"), replace);
    }

    /** Begins a file with room for so many bytes, which are zeros. */
    static PendingFile create(Path path, boolean replace, long size, Disk disk)
            throws IOException {
        try {
            Target target = Target.of(path, replace);
            if (target.kind() == Target.Kind.STREAM) {
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
                return new PendingFile(target, replace, null, channel, disk);
            }
            TemporaryFile temporary =
                    TemporaryFile.create(
                            target, file -> DiskSpace.allocate(file, path, size, disk), disk);
            return new PendingFile(target, replace, temporary, temporary.channel(), disk);
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(path.toString());
        }
    }

    /**
     * Standard output, which stays open.
     *
     * @return what is written to at once, and is no file
     */
    public static PendingFile standardOutput() {
        Path name = Path.of("standard output");
        Target target = new Target(name, name, Target.Kind.STANDARD_OUTPUT);
        FileChannel channel = new FileOutputStream(FileDescriptor.out).getChannel();
        return new PendingFile(target, true, null, channel, Disk.REAL);
    }

    /**
     * The file's content.
     *
     * @return open until this is committed or closed
     */
    public FileChannel channel() {
        return channel;
    }

    /** The name that it will have, for errors. */
    Path name() {
        return target.name();
    }

    /** Whether the content is nowhere before it is written to where it goes. */
    boolean isStream() {
        return temporary == null;
    }

    /** Maps a part of the content for writing; null where that cannot be had. */
    MemorySegment map(long offset, long size, Arena arena) {
        if (isStream()) {
            return null;
        }
        try {
            return disk.map(channel, FileChannel.MapMode.READ_WRITE, offset, size, arena);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Gives the file its name, when its content is on the disk.
     *
     * @throws FileAlreadyExistsException if another file has taken the name meanwhile
     * @throws IOException if that fails; the file is then removed on closing
     */
    public void commit() throws IOException {
        if (isStream()) {
            close();
            return;
        }
        disk.sync(channel);
        if (replace) {
            otherNames = target.otherNames();
            replace();
        } else {
            appear();
        }
        committed = true;
        temporary.close();
        try {
            disk.syncDirectory(target.directory());
        } catch (IOException e) {
            return; // not every system lets directories be synchronised
        }
    }

    private void replace() throws IOException {
        try {
            disk.rename(temporary.path(), target.file());
        } catch (AccessDeniedException e) {
            throw new IOException(
                    target.name() + ": cannot be replaced: access is denied, as on Windows to a file"
                            + " that is open or mapped in this process or another",
                    e);
        }
    }

    /** Takes the name unless somebody else has it. */
    private void appear() throws IOException {
        try {
            disk.link(target.file(), temporary.path());
        } catch (FileAlreadyExistsException e) {
            throw Target.exists(target.name());
        } catch (FileSystemException | UnsupportedOperationException e) {
            appearWithoutLinks();
            return;
        }
        Files.deleteIfExists(temporary.path());
    }

    /** The name is an empty file's for a moment, where the file system has no hard links. */
    private void appearWithoutLinks() throws IOException {
        try {
            Files.createFile(target.file());
        } catch (FileAlreadyExistsException e) {
            throw Target.exists(target.name());
        }
        try {
            disk.rename(temporary.path(), target.file());
        } catch (IOException e) {
            Files.deleteIfExists(target.file());
            throw e;
        }
    }

    /**
     * How many other names the replaced file had, which keep its old content.
     *
     * @return the number of other hard links; 0 before this is committed
     */
    public int otherNames() {
        return otherNames;
    }

    /** Removes the file unless it was committed; what went to a pipe or device cannot be undone. */
    @Override
    public void close() throws IOException {
        if (temporary != null) {
            if (!committed) {
                temporary.delete();
            }
        } else if (target.kind() == Target.Kind.STREAM) {
            channel.close();
        }
    }
}
