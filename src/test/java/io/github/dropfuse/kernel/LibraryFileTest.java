package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers of libraries of every system, whole and truncated. */
class LibraryFileTest {
    private static final int PE_AT = 128;
    private static final int OPTIONAL = 240;
    private static final int TABLE = PE_AT + 24 + OPTIONAL;

    @TempDir Path directory;

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] elf(int machine) {
        ByteBuffer file = bytes(300);
        file.putInt(0, 0x464C457F).put(4, (byte) 2).put(5, (byte) 1);
        file.putShort(0x12, (short) machine).putLong(0x20, 64);
        file.putShort(0x36, (short) 56).putShort(0x38, (short) 1);
        return file.putLong(64 + 0x08, 0).putLong(64 + 0x20, 300).array();
    }

    /** Of three sections: in the middle of the file, nowhere, and at its end. */
    private static byte[] pe(int machine) {
        ByteBuffer file = bytes(1000);
        file.putShort(0, (short) 0x5A4D).putInt(0x3C, PE_AT).putInt(PE_AT, 0x4550);
        file.putShort(PE_AT + 4, (short) machine).putShort(PE_AT + 6, (short) 3);
        file.putShort(PE_AT + 20, (short) OPTIONAL);
        file.putInt(TABLE + 16, 100).putInt(TABLE + 20, 600);
        file.putInt(TABLE + 40 + 16, 0).putInt(TABLE + 40 + 20, 5000);
        return file.putInt(TABLE + 80 + 16, 300).putInt(TABLE + 80 + 20, 700).array();
    }

    private static byte[] machO(int machine) {
        return bytes(100).putInt(0, 0xFEEDFACF).putInt(4, machine).array();
    }

    private static byte[] library(String platform) {
        return switch (platform) {
            case "linux-x86_64" -> elf(62);
            case "linux-aarch64" -> elf(183);
            case "linux-s390" -> elf(22);
            case "windows-x86_64" -> pe(0x8664);
            case "windows-aarch64" -> pe(0xAA64);
            case "macos-x86_64" -> machO(0x0100_0007);
            case "macos-aarch64" -> machO(0x0100_000C);
            default -> throw new AssertionError(platform);
        };
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(directory.resolve("library"), content);
    }

    @Test
    void isTakenWhereItIsMadeFor() throws IOException {
        List<String> platforms =
                List.of(
                        "linux-x86_64", "linux-aarch64", "windows-x86_64", "windows-aarch64",
                        "macos-x86_64", "macos-aarch64");
        for (String made : platforms) {
            Path file = file(library(made));
            for (String here : platforms) {
                if (here.equals(made)) {
                    LibraryFile.check(file, here);
                } else {
                    String[] parts = made.split("-");
                    refused(
                            file, here,
                            " is made for " + parts[0] + " on " + parts[1] + ", needed is " + here);
                }
            }
        }
    }

    @Test
    void isOfAnotherProcessorOrAnotherSystem() throws IOException {
        refused(
                file(library("linux-s390")), "linux-x86_64",
                " is made for linux on another processor, needed is linux-x86_64");
        LibraryFile.check(file(library("linux-x86_64")), "freebsd-x86_64");
        LibraryFile.check(file("no library, of more than 64 bytes ".repeat(3).getBytes()), "linux-x86_64");
    }

    @ParameterizedTest
    @CsvSource({
        "linux-x86_64, 100, 56, 64",
        "linux-x86_64, 299, 300, 0",
        "windows-x86_64, 140, 24, 128",
        "windows-x86_64, 420, 40, 392",
        "windows-x86_64, 699, 100, 600",
        "windows-x86_64, 999, 300, 700"
    })
    void isTruncated(String platform, int size, int bytes, int from) throws IOException {
        refused(
                file(Arrays.copyOf(library(platform), size)), platform,
                " is truncated: it has " + size + " bytes, and should have " + bytes + " from byte "
                        + from + " on");
    }

    private static void refused(Path file, String platform, String why) {
        UnsatisfiedLinkError refusal =
                assertThrows(
                        UnsatisfiedLinkError.class, () -> LibraryFile.check(file, platform));
        assertEquals(file + why, refusal.getMessage());
    }
}
