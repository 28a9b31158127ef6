package io.github.dropfuse.cli.apply;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.npy.NpyBytes;
import io.github.dropfuse.npy.NpyFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory with files for commands to read, and what they wrote. */
abstract class NpyCommandTest {
    @TempDir Path directory;
    Path in;
    Path out;

    @BeforeEach
    void nameFiles() {
        in = directory.resolve("in.npy");
        out = directory.resolve("out.npy");
    }

    /** All files that there are. */
    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The options that ask for each backend of the host, after a space. */
    static List<String> onEachBackend() {
        return Backends.all().stream()
                .map(one -> " --backend " + one.name() + " --tier " + one.tier())
                .toList();
    }

    /** Runs {@code apply} in parts of about so many elements. */
    static Cli apply(long partElements, String line) {
        return Cli.of(new ApplyCommand(partElements), line);
    }

    /** Finite values of both signs, 200 different ones; they begin off alignment. */
    static void write(Path file, DType dtype, long... shape) throws IOException {
        write(file, dtype, i -> i % 200 - 99.5, shape);
    }

    static void write(Path file, DType dtype, LongToDoubleFunction values, long... shape)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Tensor tensor = Tensor.allocate(arena, dtype, shape);
            for (long i = 0; i < tensor.size(); i++) {
                tensor.set(i, values.applyAsDouble(i));
            }
            String extents =
                    LongStream.of(shape).mapToObj(n -> n + ",").collect(Collectors.joining());
            String descr = dtype == DType.BFLOAT16 ? "=u2" : "=f" + dtype.byteSize();
            Files.write(file, NpyBytes.file(descr, extents, bytes(tensor)));
        }
    }

    /** The elements, in the machine's order and a type of tensors; uint16 as bfloat16. */
    static Tensor read(Path path, Arena arena) throws IOException {
        byte[] begin = new byte[40];
        try (InputStream stream = Files.newInputStream(path)) {
            stream.readNBytes(begin, 0, begin.length);
        }
        boolean bfloat16 = new String(begin, StandardCharsets.ISO_8859_1).contains("u2'");
        NpyFile file =
                bfloat16 ? NpyFile.openBfloat16(path, arena) : NpyFile.open(path, arena);
        Tensor x = Tensor.allocate(arena, file.header().type().dtype(), file.header().shape());
        file.read(0, x);
        return x;
    }

    static byte[] bytes(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    static byte[] bytes(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return bytes(read(file, arena));
        }
    }
}
