package io.github.dropfuse.testing;

import io.github.dropfuse.DType;
import io.github.dropfuse.npy.NpyOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Run in a class loader of its own: makes a file and gives up another. */
public final class NpyOutputMain {
    private NpyOutputMain() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createTempDirectory("dropfuse-test-");
        Path file = directory.resolve("a.npy");
        try (NpyOutput output = NpyOutput.create(file, false, DType.FLOAT32, 2, 3)) {
            output.commit();
        }
        try (NpyOutput output = NpyOutput.create(file, true, DType.FLOAT32, 2, 3)) {
            output.tensor().set(0, 1);
        }
        System.out.println("bytes:     " + Files.size(file));
        Files.delete(file);
        Files.delete(directory);
    }
}
