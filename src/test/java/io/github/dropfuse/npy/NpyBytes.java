package io.github.dropfuse.npy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Contents of {@code .npy} files, right and wrong ones. */
public final class NpyBytes {
    private NpyBytes() {}

    /** A file of format 1.0 with a header of this text. */
    public static byte[] file(String header, byte... data) {
        return file(1, 0, header, StandardCharsets.ISO_8859_1, data);
    }

    /** A file with a header for this type and shape, such as {@code "3, 4"}. */
    public static byte[] file(String descr, String shape, byte... data) {
        return file(
                "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }",
                data);
    }

    static byte[] file(int major, int minor, String header, Charset charset, byte... data) {
        byte[] text = header.getBytes(charset);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0x93);
        bytes.writeBytes("NUMPY".getBytes(StandardCharsets.US_ASCII));
        bytes.write(major);
        bytes.write(minor);
        for (int i = 0; i < (major == 1 ? 2 : 4); i++) {
            bytes.write(text.length >>> 8 * i);
        }
        bytes.writeBytes(text);
        bytes.writeBytes(data);
        return bytes.toByteArray();
    }
}
