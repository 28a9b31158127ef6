package io.github.dropfuse.npy;

import io.github.dropfuse.npy.HeaderLiteral.SyntaxException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What an {@code .npy} file says of itself before its elements begin. */
public final class NpyHeader {
    /** Bytes of a header's text at most, as NumPy reads them; arrays of numbers need some 100. */
    static final int MAX_TEXT = 10_000;

    private static final Set<String> BOOLS = Set.of("b1", "?", "bool", "bool_");
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;

    /** Bytes before the elements at most. */
    static final int MOST_BYTES = MAGIC.length + 2 + Integer.BYTES + MAX_TEXT;

    /** What elements are read as. */
    enum Use {
        NUMBERS(
                "readable are float16, float32, float64 (f2, f4, f8), uint8 (u1) and ml_dtypes'"
                        + " bfloat16 (<V2)",
                NpyType.FLOAT16,
                NpyType.FLOAT32,
                NpyType.FLOAT64,
                NpyType.UINT8,
                NpyType.ML_BFLOAT16),
        BFLOAT16(
                "readable as bfloat16 are uint16 (u2) and ml_dtypes' bfloat16 (V2)",
                NpyType.BFLOAT16,
                NpyType.ML_BFLOAT16),
        DECISIONS("readable as a mask are bool and uint8 (b1, u1)", NpyType.UINT8);

        private final String readable;
        private final List<NpyType> types;

        Use(String readable, NpyType... types) {
            this.readable = readable;
            this.types = List.of(types);
        }
    }

    private final NpyType type;
    private final ByteOrder order;
    private final boolean fortranOrder;
    private final long[] shape;
    private final long size;
    private final int dataOffset;

    private NpyHeader(
            NpyType type,
            ByteOrder order,
            boolean fortranOrder,
            long[] shape,
            long size,
            int dataOffset) {
        this.type = type;
        this.order = order;
        this.fortranOrder = fortranOrder;
        this.shape = shape;
        this.size = size;
        this.dataOffset = dataOffset;
    }

    /**
     * The elements' type in the file.
     *
     * @return the type
     */
    public NpyType type() {
        return type;
    }

    /**
     * The elements' byte order in the file; the machine's for single bytes.
     *
     * @return the order
     */
    public ByteOrder order() {
        return order;
    }

    /**
     * Whether the first index runs fastest in the file, and this is another order than the usual.
     *
     * @return false for row-major (C) order, also where both orders are the same, such as in one
     *     dimension
     */
    public boolean fortranOrder() {
        return fortranOrder;
    }

    /**
     * The extents of all dimensions.
     *
     * @return a new array; empty for a scalar
     */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The number of elements.
     *
     * @return the product of the extents
     */
    public long size() {
        return size;
    }

    /**
     * Where the elements begin.
     *
     * @return bytes from the file's beginning
     */
    public int dataOffset() {
        return dataOffset;
    }

    /**
     * The size of all elements in the file.
     *
     * @return bytes
     */
    public long dataSize() {
        return size * type.byteSize();
    }

    /** The text of a new file's header, in format 1.0 and the machine's byte order. */
    static byte[] encode(NpyType type, long[] shape) {
        if (type != type.ofResults()) {
            throw new IllegalArgumentException(
                    "type is " + type + ", which is read only; allowed are floating-point types");
        }
        char order = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? '<' : '>';
        String extents =
                Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
        String dict =
                "{'descr': '" + order + type.code()
                        + "', 'fortran_order': False, 'shape': (" + extents
                        + (shape.length == 1 ? ",), }" : "), }");
        int preamble = MAGIC.length + 2 + Short.BYTES;
        int total = (preamble + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (total - preamble > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "shape has " + shape.length + " dimensions, too many for an .npy header");
        }
        byte[] bytes = new byte[total];
        Arrays.fill(bytes, (byte) ' ');
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (total - preamble));
        buffer.put(dict.getBytes(StandardCharsets.US_ASCII));
        bytes[total - 1] = '\n';
        return bytes;
    }

    /** Reads and checks a header; of the content, at least {@link #MOST_BYTES} if it has so many. */
    static NpyHeader read(String file, MemorySegment content, Use use) throws NpyFormatException {
        byte[] magic = bytes(file, content, 0, MAGIC.length + 2);
        if (!Arrays.equals(magic, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new NpyFormatException(
                    file,
                    "not an .npy file: it begins with the bytes "
                            + HexFormat.of().formatHex(magic, 0, MAGIC.length) + ", expected are "
                            + HexFormat.of().formatHex(MAGIC));
        }
        int major = magic[MAGIC.length] & 0xFF;
        int minor = magic[MAGIC.length + 1] & 0xFF;
        if (major < 1 || major > 3 || minor != 0) {
            throw new NpyFormatException(
                    file,
                    "format version is " + major + "." + minor + ", known are 1.0, 2.0 and 3.0");
        }
        int lengthSize = major == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer lengthBytes =
                ByteBuffer.wrap(bytes(file, content, magic.length, lengthSize))
                        .order(ByteOrder.LITTLE_ENDIAN);
        long length =
                major == 1
                        ? Short.toUnsignedLong(lengthBytes.getShort())
                        : Integer.toUnsignedLong(lengthBytes.getInt());
        if (length > MAX_TEXT) {
            throw new NpyFormatException(
                    file, "header has " + length + " bytes, allowed are up to " + MAX_TEXT);
        }
        int begin = magic.length + lengthSize;
        byte[] text = bytes(file, content, begin, (int) length);
        Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        return parse(file, decode(file, charset, text), begin + text.length, use);
    }

    private static byte[] bytes(String file, MemorySegment content, int from, int count)
            throws NpyFormatException {
        if (content.byteSize() < from + count) {
            throw new NpyFormatException(
                    file,
                    "truncated: the file has " + content.byteSize() + " bytes, its header needs "
                            + (from + count) + " at least");
        }
        return content.asSlice(from, count).toArray(ValueLayout.JAVA_BYTE);
    }

    private static String decode(String file, Charset charset, byte[] text)
            throws NpyFormatException {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new NpyFormatException(file, "malformed header: not " + charset + " text");
        }
    }

    private static NpyHeader parse(String file, String text, int dataOffset, Use use)
            throws NpyFormatException {
        Map<String, Object> dict;
        try {
            dict = HeaderLiteral.parse(text);
        } catch (SyntaxException e) {
            throw new NpyFormatException(file, "malformed header: " + e.getMessage());
        }
        List<String> keys = List.of("descr", "fortran_order", "shape");
        if (!dict.keySet().containsAll(keys) || dict.size() != keys.size()) {
            throw new NpyFormatException(
                    file, "malformed header: keys are " + dict.keySet() + ", expected " + keys);
        }
        if (!(single(dict.get("descr")) instanceof String name)) {
            throw new NpyFormatException(file, "dtype is a structured one; " + use.readable);
        }
        Descr descr = Descr.of(name);
        NpyType type = type(file, descr, use);
        if (!(dict.get("fortran_order") instanceof Boolean fortranOrder)) {
            throw new NpyFormatException(
                    file, "malformed header: fortran_order is neither True nor False");
        }
        long[] shape = shape(file, dict.get("shape"));
        try {
            long size = size(shape, Math.max(type.byteSize(), type.dtype().byteSize()));
            return new NpyHeader(
                    type,
                    type.byteSize() == 1 ? ByteOrder.nativeOrder() : descr.order(),
                    fortranOrder && size > 0 && isWide(shape),
                    shape,
                    size,
                    dataOffset);
        } catch (IllegalArgumentException e) {
            throw new NpyFormatException(file, e.getMessage());
        }
    }

    /** The type itself where it is said to be that of arrays of one element. */
    private static Object single(Object descr) {
        return descr instanceof List<?> pair && pair.size() == 2 && isOne(pair.getLast())
                ? single(pair.getFirst())
                : descr;
    }

    private static boolean isOne(Object extents) {
        return extents instanceof List<?> all
                ? all.stream().allMatch(NpyHeader::isOne)
                : extents.equals(1L);
    }

    /** Whether two dimensions or more make the order of elements matter. */
    private static boolean isWide(long[] shape) {
        return Arrays.stream(shape).filter(extent -> extent > 1).count() > 1;
    }

    private static NpyType type(String file, Descr descr, Use use) throws NpyFormatException {
        for (NpyType type : use.types) {
            if (type.isMeantBy(descr) && (use != Use.NUMBERS || descr.isNumber())) {
                return type;
            }
        }
        if (use == Use.DECISIONS && BOOLS.contains(descr.code())) {
            return NpyType.UINT8;
        }
        throw new NpyFormatException(
                file, "dtype is '" + descr.text() + "'" + hint(descr, use) + "; " + use.readable);
    }

    private static String hint(Descr descr, Use use) {
        if (use == Use.NUMBERS && Use.BFLOAT16.types.stream().anyMatch(t -> t.isMeantBy(descr))) {
            return " (bits of bfloat16? then NpyFile.openBfloat16, or --bfloat16)";
        }
        return descr.code().startsWith("O") ? " (objects of Python, not numbers)" : "";
    }

    private static long[] shape(String file, Object value) throws NpyFormatException {
        if (!(value instanceof List<?> extents)) {
            throw new NpyFormatException(file, "malformed header: shape is not a tuple");
        }
        long[] shape = new long[extents.size()];
        for (int d = 0; d < shape.length; d++) {
            if (!(extents.get(d) instanceof Long extent)) {
                throw new NpyFormatException(
                        file, "malformed header: shape[" + d + "] is not an integer");
            }
            shape[d] = extent;
        }
        return shape;
    }

    /** The number of elements, if a file can have so many of a size. */
    static long size(long[] shape, int byteSize) {
        boolean empty = false;
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] < 0) {
                throw new IllegalArgumentException(
                        "shape[" + d + "] is " + shape[d] + ", allowed are 0 to 2^63 - 1");
            }
            empty |= shape[d] == 0;
        }
        if (empty) {
            return 0;
        }
        try {
            long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            Math.addExact(Math.multiplyExact(size, byteSize), MAX_TEXT);
            return size;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " has more than 2^63 - 1 bytes", e);
        }
    }

    /** Refuses a file that has fewer elements, or more. */
    void checkSize(String file, long fileSize) throws NpyFormatException {
        long found = fileSize - dataOffset;
        if (found != dataSize()) {
            String fault = found < dataSize() ? "truncated" : "has trailing bytes";
            throw new NpyFormatException(
                    file,
                    fault + ": after its header there are " + found + " bytes, shape "
                            + Arrays.toString(shape) + " of " + type + " has " + dataSize());
        }
    }

    /** Type, byte order where it is not the machine's, shape, and the order where it is not C's. */
    @Override
    public String toString() {
        return (order == ByteOrder.nativeOrder() ? "" : order + " ") + type + " "
                + Arrays.toString(shape) + (fortranOrder ? " in Fortran order" : "");
    }
}
