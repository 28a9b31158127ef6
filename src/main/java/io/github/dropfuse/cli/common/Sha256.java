package io.github.dropfuse.cli.common;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A digest of bytes as they come. */
public final class Sha256 {
    private static final long BUFFER = 1 << 26;

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    public void update(ByteBuffer bytes) {
        digest.update(bytes);
    }

    /** Takes in memory of any size, and says how far it is. */
    public void update(MemorySegment bytes, Progress progress) {
        for (long from = 0; from < bytes.byteSize(); from += BUFFER) {
            long count = Math.min(BUFFER, bytes.byteSize() - from);
            update(bytes.asSlice(from, count).asByteBuffer());
            progress.add(count);
        }
    }

    /** The digest of all bytes; the next ones begin another. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
