package io.github.dropfuse.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyFileTest {
    private static final double[] VALUES = {0, -1.5, 2, 0.25, 65504, Double.NEGATIVE_INFINITY};

    @TempDir private Path directory;

    private Path write(byte[] content) throws IOException {
        return Files.write(directory.resolve("a.npy"), content);
    }

    private static byte[] floats(NpyType type, ByteOrder order) {
        ByteBuffer data = ByteBuffer.allocate(VALUES.length * type.byteSize()).order(order);
        for (double value : VALUES) {
            switch (type.byteSize()) {
                case 2 -> data.putShort(Float.floatToFloat16((float) value));
                case 4 -> data.putFloat((float) value);
                default -> data.putDouble(value);
            }
        }
        return data.array();
    }

    @ParameterizedTest
    @EnumSource(names = {"UINT8", "BFLOAT16", "ML_BFLOAT16"}, mode = EnumSource.Mode.EXCLUDE)
    void mapsAndConverts(NpyType type) throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            String descr = (order == ByteOrder.LITTLE_ENDIAN ? "<" : ">") + type.code();
            Path path = write(NpyBytes.file(descr, "2, 3", floats(type, order)));
            try (Arena arena = Arena.ofConfined()) {
                NpyFile file = NpyFile.open(path, arena);
                assertEquals(order == ByteOrder.nativeOrder(), file.isTensor());
                Tensor copy = Tensor.allocate(arena, type.dtype(), 2, 3);
                file.read(0, copy);
                assertArrayEquals(VALUES, values(copy));
                Tensor part = Tensor.allocate(arena, type.dtype(), 2);
                file.read(3, part);
                assertArrayEquals(new double[] {0.25, 65504}, values(part));
                if (file.isTensor()) {
                    assertTrue(file.tensor().segment().isMapped());
                    assertTrue(file.tensor().segment().isReadOnly());
                    assertArrayEquals(VALUES, values(file.tensor()));
                    assertArrayEquals(new long[] {2, 3}, file.tensor().shape());
                }
            }
        }
    }

    @Test
    void readsDecisionsOfBoolAndBytes() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            for (String descr : new String[] {"|b1", "|u1"}) {
                Path path = write(NpyBytes.file(descr, "2, 2", new byte[] {1, 0, 1, 1}));
                Mask mask = NpyFile.readMask(path, arena);
                assertEquals(4, mask.units());
                assertArrayEquals(
                        new byte[] {0b1101}, mask.segment().toArray(ValueLayout.JAVA_BYTE));
            }
            Path floats = write(NpyBytes.file("<f4", "1,", new byte[4]));
            assertThrows(NpyFormatException.class, () -> NpyFile.readMask(floats, arena));
        }
    }

    @Test
    void readsBfloat16WhereItIsAskedFor() throws IOException {
        byte[] little = {(byte) 0x80, 0x3F, 0x20, (byte) 0xC0};
        byte[] big = {0x3F, (byte) 0x80, (byte) 0xC0, 0x20};
        try (Arena arena = Arena.ofConfined()) {
            for (String descr : new String[] {"<u2", ">u2"}) {
                Path path = write(NpyBytes.file(descr, "2,", descr.equals("<u2") ? little : big));
                Tensor copy = Tensor.allocate(arena, DType.BFLOAT16, 2);
                NpyFile.openBfloat16(path, arena).read(0, copy);
                assertArrayEquals(new double[] {1, -2.5}, values(copy));
                assertThrows(NpyFormatException.class, () -> NpyFile.open(path, arena));
            }
            Path halves = write(NpyBytes.file("<f2", "2,", little));
            assertEquals(
                    halves + ": dtype is '<f2'; readable as bfloat16 are uint16 (u2) and"
                            + " ml_dtypes' bfloat16 (V2)",
                    assertThrows(
                                    NpyFormatException.class,
                                    () -> NpyFile.openBfloat16(halves, arena))
                            .getMessage());
        }
    }

    @Test
    void convertsUnsignedBytes() throws IOException {
        Path path = write(NpyBytes.file("|u1", "3,", (byte) 0, (byte) 127, (byte) 255));
        try (Arena arena = Arena.ofConfined()) {
            NpyFile file = NpyFile.open(path, arena);
            assertFalse(file.isTensor());
            Tensor target = Tensor.allocate(arena, DType.FLOAT32, 3);
            file.read(0, target);
            assertArrayEquals(new double[] {0, 127, 255}, values(target));
            assertEquals(
                    "uint8 [3] has to be converted, it is no tensor as is",
                    assertThrows(IllegalStateException.class, file::tensor).getMessage());
        }
    }

    @Test
    void readsEmptyArrays() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            NpyFile file = NpyFile.open(write(NpyBytes.file("<f4", "0, 3")), arena);
            assertEquals(0, file.tensor().size());
        }
    }

    @Test
    void refusesWrongTargets() throws IOException {
        Path path = write(NpyBytes.file("<f4", "2,", new byte[8]));
        try (Arena arena = Arena.ofConfined()) {
            NpyFile file = NpyFile.open(path, arena);
            Tensor wide = Tensor.allocate(arena, DType.FLOAT64, 2);
            assertEquals(
                    "target is float64, allowed for float32 is float32",
                    assertThrows(IllegalArgumentException.class, () -> file.read(0, wide))
                            .getMessage());
            Tensor two = Tensor.allocate(arena, DType.FLOAT32, 2);
            assertThrows(IndexOutOfBoundsException.class, () -> file.read(1, two));
            assertThrows(IndexOutOfBoundsException.class, () -> file.read(-1, two));
        }
    }

    @Test
    void refusesWhatIsNoFile() {
        Path missing = directory.resolve("missing.npy");
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(
                    missing + ": no such file",
                    assertThrows(NoSuchFileException.class, () -> NpyFile.open(missing, arena))
                            .getMessage());
            assertEquals(
                    directory + ": is a directory",
                    assertThrows(NpyFormatException.class, () -> NpyFile.open(directory, arena))
                            .getMessage());
        }
    }

    @Test
    void readsBfloat16OfMlDtypes() throws IOException {
        byte[] little = {(byte) 0x80, 0x3F, 0x20, (byte) 0xC0};
        try (Arena arena = Arena.ofConfined()) {
            Path path = write(NpyBytes.file("<V2", "2,", little));
            assertArrayEquals(new double[] {1, -2.5}, values(NpyFile.open(path, arena).tensor()));
            for (String descr : new String[] {"<V2", "|V2", "V2", "bfloat16"}) {
                path = write(NpyBytes.file(descr, "2,", little));
                NpyFile file = NpyFile.openBfloat16(path, arena);
                assertArrayEquals(new double[] {1, -2.5}, values(file.tensor()));
            }
        }
    }

    /** A header, and elements whose row-major numbers are 0 to 23. */
    private static byte[] fortran(String descr, ByteOrder order) {
        String header = "{'descr': '" + descr + "', 'fortran_order': True, 'shape': (2, 3, 4), }";
        ByteBuffer data = ByteBuffer.allocate(24 * (descr.charAt(2) - '0')).order(order);
        for (int k = 0; k < 4; k++) {
            for (int j = 0; j < 3; j++) {
                for (int i = 0; i < 2; i++) {
                    int number = i * 12 + j * 4 + k;
                    switch (descr.substring(1)) {
                        case "f2" -> data.putShort(Float.floatToFloat16(number));
                        case "f4" -> data.putFloat(number);
                        case "f8" -> data.putDouble(number);
                        default -> data.put((byte) number);
                    }
                }
            }
        }
        return NpyBytes.file(header, data.array());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|u1"})
    void readsFortranOrderRowMajor(String descr) throws IOException {
        ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Path path = write(fortran(descr, order));
        try (Arena arena = Arena.ofConfined()) {
            NpyFile file = NpyFile.open(path, arena);
            assertFalse(file.isTensor());
            for (int first = 0; first < 24; first++) {
                for (int size = 0; first + size <= 24; size++) {
                    Tensor part = Tensor.allocate(arena, file.header().type().dtype(), size);
                    file.read(first, part);
                    for (int i = 0; i < size; i++) {
                        assertEquals(first + i, part.get(i), first + " and " + i);
                    }
                }
            }
        }
    }

    @Test
    void readsDecisionsInFortranOrderRowMajor() throws IOException {
        String header = "{'descr': '|b1', 'fortran_order': True, 'shape': (2, 3), }";
        Path path = write(NpyBytes.file(header, new byte[] {1, 0, 1, 0, 0, 1}));
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = NpyFile.readMask(path, arena);
            assertArrayEquals(
                    new byte[] {0b100011}, mask.segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void doesNotSayOfACircleOfLinksThatThereIsNoFile() throws IOException {
        Path link = directory.resolve("a");
        Files.createSymbolicLink(link, Files.createSymbolicLink(directory.resolve("b"), link));
        try (Arena arena = Arena.ofConfined()) {
            FileSystemException e =
                    assertThrows(FileSystemException.class, () -> NpyFile.open(link, arena));
            assertEquals(FileSystemException.class, e.getClass());
            assertTrue(e.getReason().contains("symbolic link"), e.getReason());
        }
    }

    @Test
    void readsFilesOfOtherFileSystems() throws IOException {
        Path file = directory.resolve("a.npy");
        try (NpyOutput output = NpyOutput.create(file, false, DType.FLOAT32, 3)) {
            output.tensor().set(2, 7);
            output.commit();
        }
        Path archive = directory.resolve("a.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"));
                Arena arena = Arena.ofConfined()) {
            Path copy = Files.copy(file, zip.getPath("/a.npy"));
            assertEquals(7, NpyFile.open(copy, arena).tensor().get(2));
        }
    }

    /** One that maps nothing, such as some that programs serve. */
    private static final Disk WITHOUT_MAPS =
            new Disk() {
                @Override
                MemorySegment map(
                        FileChannel channel, FileChannel.MapMode mode, long from, long size, Arena arena)
                        throws IOException {
                    throw new IOException("No such device");
                }
            };

    @Test
    void readsAndWritesWithoutMaps() throws IOException {
        Path path = directory.resolve("a.npy");
        try (NpyOutput output =
                NpyOutput.create(path, false, NpyType.FLOAT32, new long[] {600_000}, WITHOUT_MAPS)) {
            assertFalse(output.tensor().segment().isMapped());
            for (int i = 0; i < 600_000; i++) {
                output.tensor().set(i, i);
            }
            output.commit();
        }
        try (Arena arena = Arena.ofConfined()) {
            Tensor mapped = NpyFile.open(path, arena).tensor();
            Tensor read =
                    NpyFile.open(path, arena, NpyHeader.Use.NUMBERS, WITHOUT_MAPS).tensor();
            assertFalse(read.segment().isMapped());
            assertEquals(599_999, read.get(599_999));
            assertEquals(-1, mapped.segment().mismatch(read.segment()));
        }
    }

    private static NpyFile stream(byte[] content, Arena arena) throws IOException {
        return NpyFile.read(new ByteArrayInputStream(content), "pipe", arena);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2481, 2482, 2483, 262_144, 262_145, 1_000_000})
    void readsStreamsOfAnySize(int size) throws IOException {
        byte[] data = new byte[4 * size];
        new Random(size).nextBytes(data);
        byte[] content = NpyBytes.file("<f4", size + ",", data);
        try (Arena arena = Arena.ofConfined()) {
            Tensor tensor = stream(content, arena).tensor();
            assertArrayEquals(data, tensor.segment().toArray(ValueLayout.JAVA_BYTE));
            assertFalse(tensor.segment().isMapped());
            if (size > 0) {
                byte[] less = Arrays.copyOf(content, content.length - 1);
                assertTrue(refusal(less).startsWith("pipe: truncated: "), refusal(less));
            }
            byte[] more = Arrays.copyOf(content, content.length + 1);
            assertTrue(refusal(more).startsWith("pipe: has trailing bytes: "), refusal(more));
        }
    }

    /** What a header promises is not believed before it comes. */
    @Test
    void readsStreamsThatPromiseTooMuch() {
        byte[] content = NpyBytes.file("<f8", "100000000000000000,", new byte[3_000_000]);
        assertTrue(refusal(content).startsWith("pipe: truncated: "), refusal(content));
        assertTrue(refusal(new byte[0]).startsWith("pipe: truncated: the file has 0 bytes"));
    }

    private static String refusal(byte[] content) {
        try (Arena arena = Arena.ofConfined()) {
            return assertThrows(NpyFormatException.class, () -> stream(content, arena))
                    .getMessage();
        }
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }
}
