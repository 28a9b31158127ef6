package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Shapes;
import io.github.dropfuse.layer.Operand;
import io.github.dropfuse.npy.NpyFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Parts of a mapped file that an operand is read from, converted where it has to be. */
final class NpyParts {
    private final Operand operand;
    private final NpyFile file;
    private final Arena arena;
    private MemorySegment buffer = MemorySegment.NULL;

    /** The arena owns what is converted. */
    NpyParts(Operand operand, NpyFile file, Arena arena) {
        this.operand = operand;
        this.file = file;
        this.arena = arena;
    }

    /** The part that belongs to a part of x; what is converted is there until the next. */
    Tensor part(Box box, long[] x) {
        long[] shape = file.header().shape();
        Box part = box.of(operand, shape, x);
        if (file.isTensor()) {
            return slice(file.tensor(), part);
        }
        DType dtype = file.header().type().dtype();
        long bytes = Shapes.product(part.shape()) * dtype.byteSize();
        if (buffer.byteSize() < bytes) {
            buffer = arena.allocate(bytes, 64);
        }
        Tensor target = Tensor.of(buffer.asSlice(0, bytes), dtype, part.shape());
        file.read(part.index(0, shape), target);
        return target;
    }

    /** A part whose elements lie one behind the other. */
    static Tensor slice(Tensor whole, Box part) {
        long first = part.index(0, whole.shape());
        long size = Shapes.product(part.shape());
        return whole.reshape(whole.size()).slice(first, first + size).reshape(part.shape());
    }
}
