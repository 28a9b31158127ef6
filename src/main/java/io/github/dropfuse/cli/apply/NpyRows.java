package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;

/** Parts of a mapped file along its first dimension, converted where it has to be. */
final class NpyRows {
    private final NpyFile file;
    private final long[] shape;
    private final Arena arena;
    private MemorySegment buffer = MemorySegment.NULL;

    /** The file's elements in a shape; the arena owns what is converted. */
    NpyRows(NpyFile file, long[] shape, Arena arena) {
        this.file = file;
        this.shape = shape.clone();
        this.arena = arena;
    }

    /** Opens a file, as bfloat16 if that is the type. */
    static NpyFile open(Path path, DType dtype, Arena arena) throws IOException {
        return dtype == DType.BFLOAT16
                ? NpyFile.openBfloat16(path, arena)
                : NpyFile.open(path, arena);
    }

    /** All entries. */
    Tensor whole() {
        return rows(0, shape.length == 0 ? 1 : shape[0], null);
    }

    /** Some entries; converted into the room if they are of its shape, or else until the next. */
    Tensor rows(long from, long to, Tensor room) {
        boolean all = shape.length == 0 || from == 0 && to == shape[0];
        if (file.isTensor()) {
            Tensor tensor = file.tensor().reshape(shape);
            return all ? tensor : tensor.slice(from, to);
        }
        long[] part = shape.clone();
        if (!all) {
            part[0] = to - from;
        }
        Tensor target = room != null && Arrays.equals(room.shape(), part) ? room : buffer(part);
        file.read(all ? 0 : file.header().size() / shape[0] * from, target);
        return target;
    }

    private Tensor buffer(long[] part) {
        DType dtype = file.header().type().dtype();
        long bytes = Arrays.stream(part).reduce(dtype.byteSize(), (a, b) -> a * b);
        if (buffer.byteSize() < bytes) {
            buffer = arena.allocate(bytes, 64);
        }
        return Tensor.of(buffer.asSlice(0, bytes), dtype, part);
    }
}
