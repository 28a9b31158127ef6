package sparkmasks;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bits to compare by eye. */
final class Digest {
    private Digest() {}

    /** {@return the first 8 digits of the SHA-256 of the values' bits} */
    static String of(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        try {
            byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            return HexFormat.of().formatHex(sha256, 0, 4);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
