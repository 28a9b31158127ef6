package io.github.dropfuse.npy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of any bytes, or with a right beginning and a header of any text. What is refused has to be so
 * by {@link NpyFormatException}; what is accepted has to be consistent.
 */
public final class HeaderFuzzer {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** Headers as NumPy writes them. */
    private static final Pattern PLAIN =
            Pattern.compile(
                    "\\{'descr': '([<>|=]?[A-Za-z]\\d?)', 'fortran_order': (True|False),"
                            + " 'shape': \\((|\\d+,|\\d+(?:, \\d+)+)\\), \\} *\\n");

    private HeaderFuzzer() {}

    /** Reads a file in every way. */
    public static void fuzzerTestOneInput(FuzzedDataProvider input) throws IOException {
        byte[] file = input.consumeBoolean() ? input.consumeRemainingAsBytes() : withHeader(input);
        for (NpyHeader.Use use : NpyHeader.Use.values()) {
            header(file, use);
        }
        content(file);
    }

    /** A header of any text, with some bytes after it. */
    private static byte[] withHeader(FuzzedDataProvider input) {
        int major = input.consumeInt(1, 3);
        int size = input.consumeInt(0, 64);
        byte[] text = input.consumeRemainingAsBytes();
        int length = major == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer file =
                ByteBuffer.allocate(MAGIC.length + 2 + length + text.length + size)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(MAGIC)
                        .put((byte) major)
                        .put((byte) 0);
        if (major == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        return file.put(text).array();
    }

    private static void header(byte[] file, NpyHeader.Use use) {
        NpyHeader header;
        try {
            header = NpyHeader.read("fuzz", MemorySegment.ofArray(file), use);
        } catch (NpyFormatException e) {
            check(e.getMessage().startsWith("fuzz: "), "the message has no name of the file");
            check(!isPlain(file, use), "a header as NumPy writes it is refused: " + e.getMessage());
            return;
        }
        long[] shape = header.shape();
        check(header.dataOffset() <= file.length, "elements begin behind the file's end");
        check(Arrays.stream(shape).allMatch(extent -> extent >= 0), "an extent is negative");
        check(
                product(shape).equals(BigInteger.valueOf(header.size())),
                "the size is not the product of the extents");
        check(header.dataSize() >= 0, "there are more bytes than a file can have");
        compareWithPlain(file, header);
        rewrite(header);
    }

    /** Whether a file has a header that NumPy would write for elements that this use takes. */
    private static boolean isPlain(byte[] file, NpyHeader.Use use) {
        Matcher plain = plain(file);
        return use == NpyHeader.Use.NUMBERS
                && plain != null
                && plain.group(1).matches("[<>]f[248]|\\|u1")
                && file[7] == 0
                && product(extents(plain)).bitLength() < 59;
    }

    private static Matcher plain(byte[] file) {
        if (file.length < 10 || file[6] != 1 || !Arrays.equals(MAGIC, Arrays.copyOf(file, 6))) {
            return null;
        }
        int length = file[8] & 0xFF | (file[9] & 0xFF) << 8;
        if (file.length < 10 + length || length > NpyHeader.MAX_TEXT) {
            return null;
        }
        String text = new String(file, 10, length, StandardCharsets.ISO_8859_1);
        Matcher matcher = PLAIN.matcher(text);
        return matcher.matches() && fit(matcher.group(3)) ? matcher : null;
    }

    /** Whether extents are numbers of 63 bits, without leading zeros, which Python does not allow. */
    private static boolean fit(String extents) {
        return Arrays.stream(extents.split("[, ]+"))
                .allMatch(
                        extent ->
                                extent.isEmpty()
                                        || extent.matches("0|[1-9].*")
                                                && new BigInteger(extent).bitLength() < 64);
    }

    private static long[] extents(Matcher plain) {
        return Arrays.stream(plain.group(3).split("[, ]+"))
                .filter(extent -> !extent.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static BigInteger product(long[] shape) {
        return Arrays.stream(shape)
                .mapToObj(BigInteger::valueOf)
                .reduce(BigInteger.ONE, BigInteger::multiply);
    }

    private static void compareWithPlain(byte[] file, NpyHeader header) {
        Matcher plain = plain(file);
        if (plain == null) {
            return;
        }
        check(Arrays.equals(extents(plain), header.shape()), "another shape");
        check(!header.fortranOrder() || plain.group(2).equals("True"), "another order");
        check(
                header.type().byteSize() == 1
                        || (plain.group(1).charAt(0) == '>') == (header.order() == ByteOrder.BIG_ENDIAN),
                "another byte order");
    }

    /** A header that is written for the same shape and type is read as such. */
    private static void rewrite(NpyHeader header) {
        NpyType type = header.type().ofResults();
        byte[] written;
        try {
            written = NpyHeader.encode(type, header.shape());
        } catch (IllegalArgumentException e) {
            check(header.shape().length > 3000, e.getMessage());
            return;
        }
        try {
            NpyHeader.Use use =
                    type == NpyType.BFLOAT16 ? NpyHeader.Use.BFLOAT16 : NpyHeader.Use.NUMBERS;
            NpyHeader again = NpyHeader.read("again", MemorySegment.ofArray(written), use);
            check(
                    again.type() == type && Arrays.equals(again.shape(), header.shape()),
                    "what was written is read as " + again);
        } catch (NpyFormatException e) {
            check(header.dataSize() > Long.MAX_VALUE / 8, e.getMessage());
        }
    }

    /** The content of memory and that of a stream are the same elements, or both refused. */
    private static void content(byte[] file) throws IOException {
        NpyFile whole;
        try {
            whole = NpyFile.of(MemorySegment.ofArray(file), "fuzz");
        } catch (NpyFormatException e) {
            whole = null;
        }
        try (Arena arena = Arena.ofConfined()) {
            NpyFile streamed = NpyFile.read(new ByteArrayInputStream(file), "fuzz", arena);
            check(whole != null, "a stream is read where memory is refused");
            NpyHeader header = whole.header();
            check(header.dataOffset() + header.dataSize() == file.length, "another size");
            check(Arrays.equals(elements(whole), elements(streamed)), "other elements");
        } catch (NpyFormatException e) {
            check(whole == null, "a stream is refused: " + e.getMessage());
        }
    }

    private static byte[] elements(NpyFile file) {
        DType dtype = file.header().type().dtype();
        byte[] elements = new byte[(int) file.header().size() * dtype.byteSize()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(elements.length, Long.BYTES);
            file.read(0, Tensor.of(memory, dtype, file.header().size()));
            MemorySegment.copy(memory, 0, MemorySegment.ofArray(elements), 0, elements.length);
        }
        return elements;
    }

    private static void check(boolean right, String fault) {
        if (!right) {
            throw new AssertionError(fault);
        }
    }
}
