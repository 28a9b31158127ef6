package io.github.dropfuse.npy;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/**
 * A new {@code .npy} file, mapped for writing. All of its space is taken on the disk before the
 * first element is written, so that a full disk is an exception here and not a fault later. It appears
 * under its name when {@link #commit()} is called, complete; closed before, it is gone.
 */
public final class NpyOutput implements AutoCloseable {
    private final PendingFile file;
    private final Arena arena;
    private final Tensor tensor;

    private NpyOutput(PendingFile file, Arena arena, Tensor tensor) {
        this.file = file;
        this.arena = arena;
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
     * @throws IllegalArgumentException if the shape is not allowed
     * @throws FileAlreadyExistsException if there is one and it may not be replaced
     * @throws IOException if it cannot be made, for want of space among other reasons
     */
    public static NpyOutput create(Path path, boolean replace, DType dtype, long... shape)
            throws IOException {
        byte[] header = NpyHeader.encode(dtype, shape);
        long bytes = NpyHeader.size(shape, dtype.byteSize()) * dtype.byteSize();
        PendingFile file = PendingFile.create(path, replace);
        Arena arena = Arena.ofShared();
        try {
            DiskSpace.allocate(file, path, header.length + bytes);
            for (ByteBuffer rest = ByteBuffer.wrap(header); rest.hasRemaining(); ) {
                file.channel().write(rest, rest.position());
            }
            MemorySegment data =
                    file.channel()
                            .map(FileChannel.MapMode.READ_WRITE, header.length, bytes, arena);
            return new NpyOutput(file, arena, Tensor.of(data, dtype, shape));
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
     * Gives the file its name. A file that it replaces is there, unchanged, up to this moment.
     *
     * @throws IOException if that fails; the file is then removed on closing
     */
    public void commit() throws IOException {
        arena.close();
        file.commit();
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
