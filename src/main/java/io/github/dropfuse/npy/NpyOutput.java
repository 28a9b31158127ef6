package io.github.dropfuse.npy;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A new {@code .npy} file, mapped for writing. All of its space is taken on the disk before the
 * first element is written, so that a full disk is an exception here and not a fault later. It appears
 * under its name when {@link #commit()} is called, complete; closed before, it is gone. See {@link
 * PendingFile} for links, permissions and leftovers. Elements for a pipe, a device or a file system
 * that does not map any files are kept in memory until then.
 */
public final class NpyOutput implements AutoCloseable {
    private static final long MOST_AT_ONCE = 1 << 26;

    private final PendingFile file;
    private final Arena arena;
    private final byte[] header;
    private final Tensor tensor;

    private NpyOutput(PendingFile file, Arena arena, byte[] header, Tensor tensor) {
        this.file = file;
        this.arena = arena;
        this.header = header;
        this.tensor = tensor;
    }

    /**
     * Begins a file of zeros.
     *
     * @param path the name it will have
     * @param replace whether a file of that name may be replaced
     * @param dtype the elements' type; bfloat16, which NumPy has none for, becomes its bits in uint16
     * @param shape the extent of each dimension
     * @return the file, to be filled, committed and closed
     * @throws IllegalArgumentException if the shape is not allowed, or the path is not of the
     *     default file system
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if it cannot be made, for want of space among other reasons
     */
    public static NpyOutput create(Path path, boolean replace, DType dtype, long... shape)
            throws IOException {
        Objects.requireNonNull(dtype, "dtype");
        return create(path, replace, NpyType.of(dtype), shape);
    }

    /**
     * The same for a type of files.
     *
     * @param path the name it will have
     * @param replace whether a file of that name may be replaced
     * @param type the elements' type in the file, of {@link NpyType#ofResults()}
     * @param shape the extent of each dimension
     * @return the file, to be filled, committed and closed
     * @throws IllegalArgumentException if the shape or the type is not allowed, or the path is not
     *     of the default file system
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if it cannot be made, for want of space among other reasons
     */
    public static NpyOutput create(Path path, boolean replace, NpyType type, long... shape)
            throws IOException {
        return create(path, replace, type, shape, Disk.REAL);
    }

    static NpyOutput create(
            Path path, boolean replace, NpyType type, long[] shape, Disk disk) throws IOException {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(type, "type");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        byte[] header = NpyHeader.encode(type, extents);
        long bytes = NpyHeader.size(extents, type.byteSize()) * type.byteSize();
        PendingFile file = PendingFile.create(path, replace, header.length + bytes, disk);
        return begin(file, header, bytes, type, extents);
    }

    /**
     * Begins what goes to standard output.
     *
     * @param type the elements' type, of {@link NpyType#ofResults()}
     * @param shape the extent of each dimension
     * @return a file in memory, to be filled, committed, which writes it, and closed
     * @throws IllegalArgumentException if the shape or the type is not allowed
     * @throws IOException if standard output cannot be used
     */
    public static NpyOutput standardOutput(NpyType type, long... shape) throws IOException {
        Objects.requireNonNull(type, "type");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        byte[] header = NpyHeader.encode(type, extents);
        long bytes = NpyHeader.size(extents, type.byteSize()) * type.byteSize();
        return begin(PendingFile.standardOutput(), header, bytes, type, extents);
    }

    private static NpyOutput begin(
            PendingFile file, byte[] header, long bytes, NpyType type, long[] shape)
            throws IOException {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment data = file.map(header.length, bytes, arena);
            if (data == null) {
                data = arena.allocate(bytes, 64);
            }
            return new NpyOutput(file, arena, header, Tensor.of(data, type.dtype(), shape));
        } catch (Throwable e) {
            try (file; arena) {
                throw e;
            }
        }
    }

    /**
     * The file's elements.
     *
     * @return a tensor over the mapped file, alive until this is committed or closed
     */
    public Tensor tensor() {
        return tensor;
    }

    /**
     * Gives the file its name, when its content is on the disk. A file that it replaces is there,
     * unchanged, up to this moment.
     *
     * @throws IOException if that fails; the file is then removed on closing
     */
    public void commit() throws IOException {
        MemorySegment data = tensor.segment();
        try {
            write(ByteBuffer.wrap(header));
            if (data.isMapped()) {
                data.force();
            } else {
                for (long at = 0; at < data.byteSize(); at += MOST_AT_ONCE) {
                    long count = Math.min(MOST_AT_ONCE, data.byteSize() - at);
                    write(data.asSlice(at, count).asByteBuffer());
                }
            }
        } catch (UncheckedIOException e) {
            throw failed(e.getCause());
        } catch (IOException e) {
            throw failed(e);
        }
        arena.close();
        file.commit();
    }

    private IOException failed(IOException cause) {
        return new IOException(file.name() + ": " + cause.getMessage(), cause);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.channel().write(bytes);
        }
    }

    /**
     * How many other names a replaced file had, which keep its old content.
     *
     * @return the number of other hard links; 0 before this is committed
     */
    public int otherNames() {
        return file.otherNames();
    }

    /** Removes the file unless it was committed. */
    @Override
    public void close() throws IOException {
        try (file) {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }
}
