package io.github.dropfuse.npy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a new file's name stands for.
 *
 * @param name the name as it was given
 * @param file where symbolic links lead to from there
 * @param kind what is there
 */
record Target(Path name, Path file, Kind kind) {
    private static final int MOST_LINKS = 40;
    private static final int TYPE = 0170000;
    private static final int FIFO = 0010000;
    private static final int CHARACTERS = 0020000;

    /** What is there already. */
    enum Kind {
        NOTHING,
        FILE,
        /** A pipe or a device such as a terminal, which is written to and not replaced. */
        STREAM,
        /** A stream that is open already, and stays so. */
        STANDARD_OUTPUT
    }

    /** Finds out, and refuses what cannot be written or may not be replaced. */
    static Target of(Path name, boolean replace) throws IOException {
        if (name.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "path is " + name.toUri() + ", allowed are paths of the default file system");
        }
        if (!Files.exists(name)) {
            return new Target(name, endOfLinks(name), Kind.NOTHING).checkDirectory();
        }
        if (isStream(name)) {
            return new Target(name, name, Kind.STREAM);
        }
        if (!Files.isRegularFile(name)) {
            String kind = Files.isDirectory(name) ? "a directory" : "not a regular file";
            throw new IOException(name + ": is " + kind);
        }
        if (!replace) {
            throw exists(name);
        }
        if (!Files.isWritable(name)) {
            throw new IOException(name + ": is write-protected");
        }
        return new Target(name, name.toRealPath(), Kind.FILE).checkDirectory();
    }

    static FileAlreadyExistsException exists(Path name) {
        return new FileAlreadyExistsException(name.toString(), null, "exists already");
    }

    private static boolean isStream(Path name) throws IOException {
        if (!name.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return false;
        }
        int type = (int) Files.getAttribute(name, "unix:mode") & TYPE;
        return type == FIFO || type == CHARACTERS;
    }

    private static Path endOfLinks(Path name) throws IOException {
        Path end = name.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(end); links++) {
            if (links == MOST_LINKS) {
                throw new FileSystemLoopException(name.toString());
            }
            end = end.resolveSibling(Files.readSymbolicLink(end));
        }
        return end;
    }

    private Target checkDirectory() throws IOException {
        if (file.getParent() == null || !Files.isDirectory(file.getParent())) {
            throw new NoSuchFileException(
                    name.toString(), null, "its directory does not exist");
        }
        return this;
    }

    Path directory() {
        return file.getParent();
    }

    /** How many other names the file has that is to be replaced; 0 if it is gone. */
    int otherNames() throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return 0;
        }
        try {
            return (int) Files.getAttribute(file, "unix:nlink") - 1;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Permissions for a file that nobody may read or write who may not do so with the replaced. */
    Set<PosixFilePermission> narrowPermissions() throws IOException {
        Set<PosixFilePermission> narrow = EnumSet.noneOf(PosixFilePermission.class);
        narrow.addAll(attributes(file).readAttributes().permissions());
        narrow.retainAll(Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        return narrow;
    }

    /** Whether there is a file with an owner, a group and permissions. */
    boolean hasPermissions() {
        return kind == Kind.FILE && attributes(file) != null;
    }

    /** Gives a file the owner, group and permissions of the one that it will replace. */
    void giveAttributes(Path temporary) throws IOException {
        PosixFileAttributeView to = attributes(temporary);
        PosixFileAttributes wanted = attributes(file).readAttributes();
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
                    file + ": belongs to " + wanted.owner() + " and " + wanted.group()
                            + ", who cannot be given a file by this user",
                    e);
        }
    }

    private static PosixFileAttributeView attributes(Path file) {
        return Files.getFileAttributeView(file, PosixFileAttributeView.class);
    }
}
