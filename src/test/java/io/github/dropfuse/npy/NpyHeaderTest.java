package io.github.dropfuse.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dropfuse.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyHeaderTest {
    private static NpyHeader read(byte[] content) throws NpyFormatException {
        MemorySegment file = MemorySegment.ofArray(content);
        NpyHeader header = NpyHeader.read("a.npy", file, NpyHeader.Use.NUMBERS);
        header.checkSize("a.npy", content.length);
        return header;
    }

    private static String fault(byte[] content) {
        return assertThrows(NpyFormatException.class, () -> read(content)).getMessage();
    }

    @Test
    void readsWhatNumpyWrites() throws NpyFormatException {
        NpyHeader header = read(NpyBytes.file("<f4", "2, 3", new byte[24]));
        assertEquals(NpyType.FLOAT32, header.type());
        assertEquals(ByteOrder.LITTLE_ENDIAN, header.order());
        assertArrayEquals(new long[] {2, 3}, header.shape());
        assertEquals(6, header.size());
        assertEquals(24, header.dataSize());
    }

    @ParameterizedTest
    @MethodSource
    void readsTypesAndOrders(String descr, NpyType type, ByteOrder order)
            throws NpyFormatException {
        NpyHeader header = read(NpyBytes.file(descr, "1,", new byte[type.byteSize()]));
        assertEquals(type, header.type());
        assertEquals(order, header.order());
    }

    static Stream<Arguments> readsTypesAndOrders() {
        return Stream.of(
                arguments("<f2", NpyType.FLOAT16, ByteOrder.LITTLE_ENDIAN),
                arguments(">f2", NpyType.FLOAT16, ByteOrder.BIG_ENDIAN),
                arguments("<f4", NpyType.FLOAT32, ByteOrder.LITTLE_ENDIAN),
                arguments(">f4", NpyType.FLOAT32, ByteOrder.BIG_ENDIAN),
                arguments("=f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("<f8", NpyType.FLOAT64, ByteOrder.LITTLE_ENDIAN),
                arguments(">f8", NpyType.FLOAT64, ByteOrder.BIG_ENDIAN),
                arguments("f8", NpyType.FLOAT64, ByteOrder.nativeOrder()),
                arguments("1f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments(">1f4", NpyType.FLOAT32, ByteOrder.BIG_ENDIAN),
                arguments("1>f4", NpyType.FLOAT32, ByteOrder.BIG_ENDIAN),
                arguments("1 f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("1float32", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("()f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("(1,)f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("(1,1)<f8", NpyType.FLOAT64, ByteOrder.LITTLE_ENDIAN),
                arguments("|u1", NpyType.UINT8, ByteOrder.nativeOrder()),
                arguments("B", NpyType.UINT8, ByteOrder.nativeOrder()),
                arguments("uint8", NpyType.UINT8, ByteOrder.nativeOrder()),
                arguments("float16", NpyType.FLOAT16, ByteOrder.nativeOrder()),
                arguments("half", NpyType.FLOAT16, ByteOrder.nativeOrder()),
                arguments(">e", NpyType.FLOAT16, ByteOrder.BIG_ENDIAN),
                arguments("float32", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("single", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("f", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments(">f", NpyType.FLOAT32, ByteOrder.BIG_ENDIAN),
                arguments("f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("|f4", NpyType.FLOAT32, ByteOrder.nativeOrder()),
                arguments("float64", NpyType.FLOAT64, ByteOrder.nativeOrder()),
                arguments("float", NpyType.FLOAT64, ByteOrder.nativeOrder()),
                arguments("=d", NpyType.FLOAT64, ByteOrder.nativeOrder()),
                arguments("<V2", NpyType.ML_BFLOAT16, ByteOrder.LITTLE_ENDIAN),
                arguments(">V2", NpyType.ML_BFLOAT16, ByteOrder.BIG_ENDIAN),
                arguments("bfloat16", NpyType.ML_BFLOAT16, ByteOrder.nativeOrder()),
                arguments(">u1", NpyType.UINT8, ByteOrder.nativeOrder()));
    }

    @ParameterizedTest
    @MethodSource
    void readsTheFormatsInAllTheirSpellings(byte[] content, long[] shape)
            throws NpyFormatException {
        NpyHeader header = read(content);
        assertArrayEquals(shape, header.shape());
        assertEquals(content.length, header.dataOffset() + header.dataSize());
    }

    static Stream<Arguments> readsTheFormatsInAllTheirSpellings() {
        String plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
        byte[] two = new byte[8];
        return Stream.of(
                arguments(NpyBytes.file(1, 0, plain, StandardCharsets.ISO_8859_1, two), shape(2)),
                arguments(NpyBytes.file(2, 0, plain, StandardCharsets.ISO_8859_1, two), shape(2)),
                arguments(NpyBytes.file(3, 0, plain, StandardCharsets.UTF_8, two), shape(2)),
                arguments(
                        NpyBytes.file(
                                "{\"shape\":(2L,),\n\t\"fortran_order\":False,\"descr\":\"<f4\"}",
                                two),
                        shape(2)),
                spelling("{u'descr':u'<f4',R'fortran_order':(False),'shape':((2),),}  \n\n"),
                spelling("{'descr': '<' \"f4\", 'fortran_order': False, 'shape': (0x2,)}"),
                spelling("\n{ # a {\n'descr':'<f4', 'fortran_order':False,\\\n'shape':(0b1_0 ,)} #"),
                spelling("({'descr':\"\"\"<f4\"\"\",'fortran_order':False,'shape':(+ 2 L,)})"),
                spelling("{'descr': 'O', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"),
                spelled("'\\x3cf4'"),
                spelled("'\\74f\\64'"),
                spelled("'\\u003cf4'"),
                spelled("'\\U0000003cf4'"),
                spelled("'\\N{LESS-THAN SIGN}f4'"),
                spelled("'<f\\\n4'"),
                spelled("'''<f4'''"),
                spelled("('<f4', ())"),
                spelled("('<f4', (1,))"),
                spelled("('<f4', 1)"),
                spelled("((('<f4'), (1, 1)), ())"),
                spelling("{('descr'): '<f4', 'fortran_order': (False), 'shape': (2,), }"),
                spelling("(".repeat(198) + plain.strip() + ")".repeat(198)),
                arguments(NpyBytes.file("<f4", "", new byte[4]), shape()),
                arguments(NpyBytes.file("<f4", "0, 9223372036854775807"), shape(0, Long.MAX_VALUE)),
                arguments(NpyBytes.file("|u1", "1, 2, 3, 4, 5", new byte[120]), shape(1, 2, 3, 4, 5)));
    }

    /** A text for the type; NumPy 2.4.6 reads each. */
    private static Arguments spelled(String descr) {
        return spelling("{'descr': " + descr + ", 'fortran_order': False, 'shape': (2,), }");
    }

    private static Arguments spelling(String header) {
        return arguments(NpyBytes.file(header, new byte[8]), shape(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    2, 3    | true
                    1, 2, 3 | true
                    6       | false
                    1, 6, 1 | false
                    1, 1    | false
                    0, 3    | false
                    """)
    void fortranOrderIsOneWhereItIsAnother(String shape, boolean another)
            throws NpyFormatException {
        String header = "{'descr': '|u1', 'fortran_order': True, 'shape': (" + shape + ",), }";
        int size =
                Arrays.stream(shape.split(", "))
                        .mapToInt(Integer::parseInt)
                        .reduce(1, (a, b) -> a * b);
        NpyHeader read = read(NpyBytes.file(header, new byte[size]));
        assertEquals(another, read.fortranOrder());
        assertEquals(another, read.toString().endsWith("] in Fortran order"));
    }

    private static long[] shape(long... extents) {
        return extents;
    }

    @ParameterizedTest
    @MethodSource
    void refusesWithAReason(byte[] content, String fault) {
        assertEquals("a.npy: " + fault, fault(content));
    }

    static Stream<Arguments> refusesWithAReason() {
        String readable = "; readable are float16, float32, float64 (f2, f4, f8), uint8 (u1) and"
                        + " ml_dtypes' bfloat16 (<V2)";
        String bits = " (bits of bfloat16? then NpyFile.openBfloat16, or --bfloat16)";
        byte[] plain = NpyBytes.file("<f4", "2,", new byte[8]);
        return Stream.of(
                arguments(
                        new byte[0], "truncated: the file has 0 bytes, its header needs 8 at least"),
                arguments(
                        Arrays.copyOf(plain, 9),
                        "truncated: the file has 9 bytes, its header needs 10 at least"),
                arguments(
                        Arrays.copyOf(plain, 30),
                        "truncated: the file has 30 bytes, its header needs 67 at least"),
                arguments(
                        "PK\3\4 a zip archive".getBytes(StandardCharsets.ISO_8859_1),
                        "not an .npy file: it begins with the bytes 504b03042061, expected are"
                                + " 934e554d5059"),
                arguments(
                        NpyBytes.file(4, 0, "{}", StandardCharsets.UTF_8),
                        "format version is 4.0, known are 1.0, 2.0 and 3.0"),
                arguments(
                        NpyBytes.file(1, 1, "{}", StandardCharsets.UTF_8),
                        "format version is 1.1, known are 1.0, 2.0 and 3.0"),
                arguments(
                        NpyBytes.file(2, 0, " ".repeat(10_001), StandardCharsets.UTF_8),
                        "header has 10001 bytes, allowed are up to 10000"),
                arguments(
                        NpyBytes.file(3, 0, "{'\u00e9", StandardCharsets.ISO_8859_1),
                        "malformed header: not UTF-8 text"),
                arguments(
                        NpyBytes.file(""),
                        "malformed header: at character 0 there is the end, expected is '{'"),
                arguments(
                        NpyBytes.file("[]"),
                        "malformed header: at character 0 there is '[', expected is '{'"),
                arguments(
                        NpyBytes.file("{'descr': '<f4"),
                        "malformed header: string at character 10 has no end"),
                arguments(
                        NpyBytes.file("{'a\\x4': 1}"),
                        "malformed header: string at character 1 has a malformed escape"),
                arguments(
                        NpyBytes.file("{'\\U00110000': 1}"),
                        "malformed header: string at character 1 has a malformed escape"),
                arguments(
                        NpyBytes.file("{'\\N{NO SUCH}': 1}"),
                        "malformed header: string at character 1 has a malformed escape"),
                arguments(
                        NpyBytes.file("{'a\n': 1}"),
                        "malformed header: string at character 1 has no end"),
                arguments(
                        NpyBytes.file("{r'\\': 1}"),
                        "malformed header: string at character 1 has no end"),
                arguments(
                        NpyBytes.file("{1: 1}"), "malformed header: a key is no string"),
                arguments(
                        NpyBytes.file(
                                "{'descr': '\\q\\t', 'fortran_order': False, 'shape': (2,)}"),
                        "dtype is '\\q\t'" + readable),
                arguments(
                        NpyBytes.file(
                                "{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (2,)}"),
                        "dtype is a structured one" + readable),
                arguments(
                        NpyBytes.file("(".repeat(199) + "{'a': ()}" + ")".repeat(199)),
                        "malformed header: nested more than 200 deep"),
                arguments(
                        NpyBytes.file("{'a' 1}"),
                        "malformed header: at character 5 there is '1', expected is ':'"),
                arguments(
                        NpyBytes.file("{'a': None}"),
                        "malformed header: at character 6 there is 'N', expected is a string, a"
                                + " number, True, False or a tuple"),
                arguments(
                        NpyBytes.file("{'a': 010}"),
                        "malformed header: number 010 is malformed, or not within 64 bits"),
                arguments(
                        NpyBytes.file("{'a': 0x_g}"),
                        "malformed header: number 0x_g is malformed, or not within 64 bits"),
                arguments(
                        NpyBytes.file("{'a': -}"),
                        "malformed header: number - is malformed, or not within 64 bits"),
                arguments(
                        NpyBytes.file("({'a': 1}"),
                        "malformed header: at character 9 there is the end, expected is ')'"),
                arguments(
                        NpyBytes.file("{'a': 99999999999999999999}"),
                        "malformed header: number 99999999999999999999 is malformed, or not within 64"
                                + " bits"),
                arguments(
                        NpyBytes.file("{'a': " + "(".repeat(5000)),
                        "malformed header: nested more than 200 deep"),
                arguments(
                        NpyBytes.file("{} {}"),
                        "malformed header: at character 3 there is '{', expected is nothing more"),
                arguments(
                        NpyBytes.file("{'descr': '<f4', 'shape': (2,)}"),
                        "malformed header: keys are [descr, shape], expected [descr,"
                                + " fortran_order, shape]"),
                arguments(
                        NpyBytes.file(
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}"),
                        "malformed header: keys are [descr, fortran_order, shape, x], expected"
                                + " [descr, fortran_order, shape]"),
                arguments(
                        NpyBytes.file(
                                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"),
                        "dtype is a structured one" + readable),
                arguments(
                        NpyBytes.file("|O", "2,"),
                        "dtype is '|O' (objects of Python, not numbers)" + readable),
                arguments(NpyBytes.file("|V2", "2,"), "dtype is '|V2'" + bits + readable),
                arguments(NpyBytes.file("|V4", "2,"), "dtype is '|V4'" + readable),
                arguments(NpyBytes.file("<u2", "2,"), "dtype is '<u2'" + bits + readable),
                arguments(NpyBytes.file("<float32", "2,"), "dtype is '<float32'" + readable),
                arguments(NpyBytes.file("<i8", "2,"), "dtype is '<i8'" + readable),
                arguments(NpyBytes.file("<c8", "2,"), "dtype is '<c8'" + readable),
                arguments(NpyBytes.file("", "2,"), "dtype is ''" + readable),
                arguments(
                        NpyBytes.file("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}"),
                        "malformed header: fortran_order is neither True nor False"),
                arguments(
                        NpyBytes.file("{'descr': '<f4', 'fortran_order': False, 'shape': 2}"),
                        "malformed header: shape is not a tuple"),
                arguments(
                        NpyBytes.file("<f4", "'2',"),
                        "malformed header: shape[0] is not an integer"),
                arguments(
                        NpyBytes.file("<f4", "2, -1"),
                        "shape[1] is -1, allowed are 0 to 2^63 - 1"),
                arguments(
                        NpyBytes.file("<f4", "4611686018427387904, 2"),
                        "shape [4611686018427387904, 2] has more than 2^63 - 1 bytes"),
                arguments(
                        NpyBytes.file("|u1", "4611686018427387904, 1"),
                        "shape [4611686018427387904, 1] has more than 2^63 - 1 bytes"),
                arguments(
                        Arrays.copyOf(plain, plain.length - 1),
                        "truncated: after its header there are 7 bytes, shape [2] of float32 has 8"),
                arguments(
                        Arrays.copyOf(plain, plain.length + 1),
                        "has trailing bytes: after its header there are 9 bytes, shape [2] of"
                                + " float32 has 8"));
    }

    /** As long as headers may be. */
    @ParameterizedTest
    @ValueSource(strings = {" ", "#\n", "\\\n", "'' ", "0_"})
    void readsLongHeaders(String repeated) throws NpyFormatException {
        String many = repeated.repeat(9_900 / repeated.length());
        String descr = repeated.equals("'' ") ? many + "'<f4'" : "'<f4'";
        String extent = repeated.equals("0_") ? many + "0" : "0";
        String space = descr.length() + extent.length() > 9_900 ? "" : many;
        String rest = ",'fortran_order':False,'shape':(" + extent + ",)" + space + "}";
        String header = "{'descr':" + descr + rest;
        assertArrayEquals(shape(0), read(NpyBytes.file(header)).shape());
    }

    @Test
    void writesTheBytesThatNumpyWrites() {
        char order = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? '<' : '>';
        String text = "{'descr': '" + order + "f4', 'fortran_order': False, 'shape': (1797, 8, 8), }";
        byte[] expected =
                NpyBytes.file(text + " ".repeat(117 - text.length()) + "\n", new byte[0]);
        assertArrayEquals(expected, NpyHeader.encode(NpyType.FLOAT32, shape(1797, 8, 8)));
        assertEquals(128, expected.length);
    }

    @ParameterizedTest
    @MethodSource
    void readsWhatItWrites(DType dtype, long[] shape) throws NpyFormatException {
        byte[] header = NpyHeader.encode(NpyType.of(dtype), shape);
        assertEquals(0, header.length % 64);
        long size = Arrays.stream(shape).reduce(1, (a, b) -> a * b) * dtype.byteSize();
        byte[] file = Arrays.copyOf(header, Math.toIntExact(header.length + size));
        assertArrayEquals(shape, read(file).shape());
        assertEquals(dtype, read(file).type().dtype());
    }

    static Stream<Arguments> readsWhatItWrites() {
        return Stream.of(
                arguments(DType.FLOAT32, shape()),
                arguments(DType.FLOAT16, shape(3)),
                arguments(DType.FLOAT64, shape(2, 0, Long.MAX_VALUE)),
                arguments(DType.FLOAT64, shape(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)));
    }

    @Test
    void refusesToWriteWhatNumpyCannotRead() {
        long[] manyDimensions = new long[5000];
        assertEquals(
                "shape has 5000 dimensions, too many for an .npy header",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> NpyHeader.encode(NpyType.FLOAT32, manyDimensions))
                        .getMessage());
    }
}
