package io.github.dropfuse.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NpyOutputTest {
    @TempDir private Path directory;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatCanBeRead(DType dtype) throws IOException {
        try (NpyOutput output = NpyOutput.create(path("a.npy"), false, dtype, 2, 3)) {
            assertTrue(output.tensor().segment().isMapped());
            for (int i = 0; i < 6; i++) {
                output.tensor().set(i, i - 2.5);
            }
            assertFalse(Files.exists(path("a.npy")));
            output.commit();
        }
        assertEquals(List.of("a.npy"), names());
        try (Arena arena = Arena.ofConfined()) {
            NpyFile file =
                    dtype == DType.BFLOAT16
                            ? NpyFile.openBfloat16(path("a.npy"), arena)
                            : NpyFile.open(path("a.npy"), arena);
            Tensor read = file.tensor();
            assertEquals(dtype, read.dtype());
            assertArrayEquals(new long[] {2, 3}, read.shape());
            for (int i = 0; i < 6; i++) {
                assertEquals(i - 2.5, read.get(i));
            }
        }
    }

    @Test
    void writesEmptyArraysAndScalars() throws IOException {
        try (NpyOutput output = NpyOutput.create(path("0.npy"), false, DType.FLOAT32, 3, 0)) {
            output.commit();
        }
        try (NpyOutput output = NpyOutput.create(path("s.npy"), false, DType.FLOAT32)) {
            output.tensor().set(0, 7);
            output.commit();
        }
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(0, NpyFile.open(path("0.npy"), arena).tensor().size());
            assertEquals(7, NpyFile.open(path("s.npy"), arena).tensor().get(0));
        }
    }

    @Test
    void leavesNothingUnlessCommitted() throws IOException {
        try (NpyOutput output = NpyOutput.create(path("a.npy"), false, DType.FLOAT32, 1000)) {
            assertEquals(1, names().size());
            assertTrue(names().getFirst().startsWith(".dropfuse-"));
            output.tensor().set(0, 1);
        }
        assertEquals(List.of(), names());
    }

    @Test
    void replacesAtOnceOrNotAtAll() throws IOException {
        Files.writeString(path("a.npy"), "before");
        Path target = path("a.npy");
        FileAlreadyExistsException refused =
                assertThrows(
                        FileAlreadyExistsException.class,
                        () -> NpyOutput.create(target, false, DType.FLOAT32, 1));
        assertEquals(target + ": exists already", refused.getMessage());
        try (NpyOutput output = NpyOutput.create(target, true, DType.FLOAT32, 1)) {
            output.tensor().set(0, 1);
        }
        assertEquals("before", Files.readString(target));
        try (NpyOutput output = NpyOutput.create(target, true, DType.FLOAT32, 1)) {
            assertEquals("before", Files.readString(target));
            output.commit();
        }
        assertEquals(128 + 4, Files.size(target));
        assertEquals(List.of("a.npy"), names());
    }

    @Test
    void keepsPermissionsAndLinksOfWhatItReplaces() throws IOException {
        Path target = path("a.npy");
        Files.writeString(target, "before");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(path("link.npy"), target);
        try (NpyOutput output = NpyOutput.create(path("link.npy"), true, DType.FLOAT32, 1)) {
            output.commit();
        }
        assertTrue(Files.isSymbolicLink(path("link.npy")));
        assertEquals(128 + 4, Files.size(target));
        assertEquals(
                "rw-r-----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
    }

    @Test
    void doesNotOverwriteWhatAppearsMeanwhile() throws IOException {
        Path target = path("a.npy");
        try (NpyOutput output = NpyOutput.create(target, false, DType.FLOAT32, 1)) {
            Files.writeString(target, "another's");
            assertThrows(FileAlreadyExistsException.class, output::commit);
        }
        assertEquals("another's", Files.readString(target));
        assertEquals(List.of("a.npy"), names());
    }

    @Test
    void refusesNamesThatCannotBeFiles() throws IOException {
        Path nowhere = path("no/a.npy");
        assertEquals(
                nowhere + ": its directory does not exist",
                assertThrows(
                                NoSuchFileException.class,
                                () -> NpyOutput.create(nowhere, false, DType.FLOAT32, 1))
                        .getMessage());
        assertEquals(
                directory + ": is a directory",
                assertThrows(
                                IOException.class,
                                () -> NpyOutput.create(directory, true, DType.FLOAT32, 1))
                        .getMessage());
        assertEquals(List.of(), names());
    }

    @Test
    void refusesMoreThanTheDiskHasAndLeavesNothing() throws IOException {
        Path target = path("a.npy");
        IOException refused =
                assertThrows(
                        IOException.class,
                        () -> NpyOutput.create(target, false, DType.FLOAT32, 1L << 58));
        String begin = target + ": cannot take 1152921504606847104 bytes: no space left on device (";
        assertTrue(refused.getMessage().startsWith(begin), refused.getMessage());
        assertEquals(List.of(), names());
    }

    @Test
    void refusesShapesBeyond63Bits() throws IOException {
        assertThrows(
                IllegalArgumentException.class,
                () -> NpyOutput.create(path("a.npy"), false, DType.FLOAT32, 1L << 61));
        assertThrows(
                IllegalArgumentException.class,
                () -> NpyOutput.create(path("a.npy"), false, DType.FLOAT32, -1));
        assertEquals(List.of(), names());
    }

    @Test
    void bothWaysToTakeSpaceGiveZeros() throws IOException {
        long size = (1 << 20) + 12345;
        for (boolean posix : new boolean[] {false, true}) {
            Files.deleteIfExists(path("a"));
            try (PendingFile file = PendingFile.create(path("a"), false)) {
                if (posix) {
                    Path temporary = path(names().getFirst());
                    boolean done = DiskSpace.fallocate(temporary, path("a"), size);
                    assertTrue(done, "this file system has no posix_fallocate");
                } else {
                    DiskSpace.writeZeros(file.channel(), path("a"), size);
                }
                assertEquals(size, file.channel().size());
                file.commit();
            }
            byte[] content = Files.readAllBytes(path("a"));
            assertArrayEquals(new byte[content.length], content);
        }
    }

    @Test
    void refusesTypesThatAreReadOnly() throws IOException {
        assertEquals(
                "type is uint8, which is read only; allowed are floating-point types",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> NpyOutput.create(path("a.npy"), false, NpyType.UINT8, 1))
                        .getMessage());
        assertEquals(List.of(), names());
    }

    @Test
    void keepsTheFormOfBfloat16() throws IOException {
        for (NpyType type : new NpyType[] {NpyType.BFLOAT16, NpyType.ML_BFLOAT16}) {
            try (NpyOutput output = NpyOutput.create(path("a.npy"), true, type, 1)) {
                output.commit();
            }
            try (Arena arena = Arena.ofConfined()) {
                assertEquals(type, NpyFile.openBfloat16(path("a.npy"), arena).header().type());
            }
        }
    }

    @Test
    void tensorEndsWithTheFile() throws IOException {
        NpyOutput output = NpyOutput.create(path("a.npy"), false, DType.FLOAT32, 1);
        Tensor tensor = output.tensor();
        output.close();
        output.close();
        assertThrows(
                IllegalStateException.class,
                () -> tensor.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
    }
}
