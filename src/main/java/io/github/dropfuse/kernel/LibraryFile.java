package io.github.dropfuse.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses files that would end the process, or hold it up, if the system were to load them. */
final class LibraryFile {
    private static final int ELF = 0x464C457F;
    private static final int ELF_HEADER = 64;
    private static final int ELF_SEGMENT = 56;
    private static final byte OF_64_BITS = 2;
    private static final byte LITTLE_ENDIAN = 1;

    private LibraryFile() {}

    /**
     * Checks what is there: the system waits for pipes, and maps what a truncated file lacks.
     *
     * @throws UnsatisfiedLinkError if it must not be loaded
     */
    static void check(Path file) throws IOException {
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
            ByteBuffer header = read(channel, 0, ELF_HEADER);
            if (header.limit() < ELF_HEADER
                    || header.getInt(0) != ELF
                    || header.get(4) != OF_64_BITS
                    || header.get(5) != LITTLE_ENDIAN) {
                return;
            }
            long at = header.getLong(0x20);
            for (int left = Short.toUnsignedInt(header.getShort(0x38)); left > 0; left--) {
                checkPart(file, channel.size(), at, ELF_SEGMENT);
                ByteBuffer segment = read(channel, at, ELF_SEGMENT);
                checkPart(file, channel.size(), segment.getLong(0x08), segment.getLong(0x20));
                at += Short.toUnsignedInt(header.getShort(0x36));
            }
        }
    }

    private static void checkPart(Path file, long size, long from, long bytes) {
        if (from < 0 || bytes < 0 || bytes > size - from) {
            throw new UnsatisfiedLinkError(
                    file + " is truncated: it has " + size + " bytes, and should have "
                            + Long.toUnsignedString(bytes) + " from byte "
                            + Long.toUnsignedString(from) + " on");
        }
    }

    private static ByteBuffer read(FileChannel channel, long from, int count)
            throws IOException {
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
