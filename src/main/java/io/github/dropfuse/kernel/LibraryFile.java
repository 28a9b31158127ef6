package io.github.dropfuse.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Refuses files that would end the process, or hold it up, if the system were to load them; and those
 * of another system or processor, of which the system would say less.
 */
final class LibraryFile {
    private static final int HEADER = 64;
    private static final int ELF = 0x464C457F;
    private static final int ELF_SEGMENT = 56;
    private static final byte OF_64_BITS = 2;
    private static final byte LITTLE_ENDIAN = 1;
    private static final short DOS = 0x5A4D;
    private static final int PE = 0x4550;
    private static final int PE_HEADER = 24;
    private static final int PE_SECTION = 40;
    private static final int MACH_O = 0xFEEDFACF;

    private final Path file;
    private final FileChannel channel;
    private final String platform;

    private LibraryFile(Path file, FileChannel channel, String platform) {
        this.file = file;
        this.channel = channel;
        this.platform = platform;
    }

    /**
     * Checks what is there: the system waits for pipes, and maps what a truncated file lacks.
     *
     * @param platform what it has to be made for, as {@link NativeLibrary#platform()} has it
     * @throws UnsatisfiedLinkError if it must not be loaded
     */
    static void check(Path file, String platform) throws IOException {
        if (!Files.exists(file)) {
            return; // The system says it better.
        }
        if (!Files.isRegularFile(file)) {
            throw new UnsatisfiedLinkError(file + " is not a regular file");
        }
        if (!Files.isReadable(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            new LibraryFile(file, channel, platform).check();
        }
    }

    private void check() throws IOException {
        ByteBuffer header = read(0, HEADER);
        if (header.limit() < HEADER) {
            return;
        }
        if (header.getInt(0) == ELF) {
            checkElf(header);
        } else if (header.getShort(0) == DOS) {
            checkPe(Integer.toUnsignedLong(header.getInt(0x3C)));
        } else if (header.getInt(0) == MACH_O) {
            checkMadeFor("macos", header.getInt(4));
        }
    }

    private void checkElf(ByteBuffer header) throws IOException {
        if (header.get(4) != OF_64_BITS || header.get(5) != LITTLE_ENDIAN) {
            return;
        }
        checkMadeFor("linux", header.getShort(0x12));
        long at = header.getLong(0x20);
        for (int left = Short.toUnsignedInt(header.getShort(0x38)); left > 0; left--) {
            checkPart(at, ELF_SEGMENT);
            ByteBuffer segment = read(at, ELF_SEGMENT);
            checkPart(segment.getLong(0x08), segment.getLong(0x20));
            at += Short.toUnsignedInt(header.getShort(0x36));
        }
    }

    private void checkPe(long at) throws IOException {
        checkPart(at, PE_HEADER);
        ByteBuffer header = read(at, PE_HEADER);
        if (header.getInt(0) != PE) {
            return;
        }
        checkMadeFor("windows", Short.toUnsignedInt(header.getShort(0x04)));
        long section = at + PE_HEADER + Short.toUnsignedInt(header.getShort(0x14));
        for (int left = Short.toUnsignedInt(header.getShort(0x06)); left > 0; left--) {
            checkPart(section, PE_SECTION);
            ByteBuffer described = read(section, PE_SECTION);
            long bytes = Integer.toUnsignedLong(described.getInt(0x10));
            if (bytes > 0) { // Else it has no place in the file.
                checkPart(Integer.toUnsignedLong(described.getInt(0x14)), bytes);
            }
            section += PE_SECTION;
        }
    }

    /** A system other than these three may use any of their formats. */
    private void checkMadeFor(String system, int machine) {
        String processor =
                switch (machine) {
                    case 62, 0x8664, 0x0100_0007 -> "x86_64";
                    case 183, 0xAA64, 0x0100_000C -> "aarch64";
                    default -> "another processor";
                };
        boolean otherSystem =
                platform.startsWith("linux-")
                        || platform.startsWith("windows-")
                        || platform.startsWith("macos-");
        otherSystem &= !platform.startsWith(system + "-");
        if (otherSystem || !platform.endsWith("-" + processor)) {
            throw new UnsatisfiedLinkError(
                    file + " is made for " + system + " on " + processor + ", needed is " + platform);
        }
    }

    private void checkPart(long from, long bytes) throws IOException {
        long size = channel.size();
        if (from < 0 || bytes < 0 || bytes > size - from) {
            throw new UnsatisfiedLinkError(
                    file + " is truncated: it has " + size + " bytes, and should have "
                            + Long.toUnsignedString(bytes) + " from byte "
                            + Long.toUnsignedString(from) + " on");
        }
    }

    private ByteBuffer read(long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        long at = from;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        return bytes.flip();
    }
}
