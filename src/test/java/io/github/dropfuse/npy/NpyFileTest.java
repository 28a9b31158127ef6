package io.github.dropfuse.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    @EnumSource(names = {"UINT8", "BFLOAT16"}, mode = EnumSource.Mode.EXCLUDE)
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
                    halves + ": dtype is '<f2'; readable as bfloat16 is uint16 (u2)",
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

    private static double[] values(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }
}
