package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
    @TempDir Path parent;

    /** A loaded library is one on Windows; here a directory that is not empty stands for it. */
    @Test
    void aFileThatCannotBeDeletedIsRemovedWhenItCan() throws IOException {
        Path kept;
        try (PrivateDirectory first = PrivateDirectory.in(parent, "library")) {
            kept = Files.createDirectory(first.file());
            Files.createFile(kept.resolve("open"));
        }
        assertEquals(List.of("library", "lock"), names(kept.getParent()));
        PrivateDirectory.in(parent, "library").close();
        assertEquals(List.of(kept.getParent().getFileName().toString()), names(parent));
        Files.delete(kept.resolve("open"));
        PrivateDirectory.in(parent, "library").close();
        assertEquals(List.of(), names(parent));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
