package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * All that decides how a training goes on, as a file: tensors in the machine's byte order, and the
 * generator as text.
 *
 * @param epoch how many epochs are done
 * @param masks the next state of the generator
 * @param parameters the network's
 * @param velocity the optimiser's, as many as there are parameters
 */
record Checkpoint(int epoch, PhiloxState masks, Tensor parameters, Tensor velocity) {
    /** Writes a file, which replaces an older one only when it is complete. */
    void write(Path file) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(unfinished))) {
            out.writeInt(epoch);
            out.writeUTF(masks.toString());
            out.writeInt((int) parameters.byteSize());
            out.write(parameters.segment().toArray(ValueLayout.JAVA_BYTE));
            out.write(velocity.segment().toArray(ValueLayout.JAVA_BYTE));
        }
        Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads what {@link #write(Path)} wrote, into memory of an arena. */
    static Checkpoint read(Arena arena, Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            int epoch = in.readInt();
            PhiloxState masks = PhiloxState.parse(in.readUTF());
            int bytes = in.readInt();
            return new Checkpoint(epoch, masks, read(in, arena, bytes), read(in, arena, bytes));
        }
    }

    private static Tensor read(DataInputStream in, Arena arena, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        in.readFully(content);
        Tensor values = Tensor.allocate(arena, DType.FLOAT32, bytes / Float.BYTES);
        values.segment().copyFrom(MemorySegment.ofArray(content));
        return values;
    }
}
