package io.github.dropfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class TensorTest {
    @Test
    void sharesHeapArrays() {
        float[] floats = {1, 2, 3, 4, 5, 6};
        Tensor tensor = Tensor.of(floats, 2, 3);
        tensor.set(4, 50);
        assertEquals(50, floats[4]);
        floats[0] = -1;
        assertEquals(-1, tensor.get(0));
        double[] doubles = {1, 2};
        Tensor.of(doubles, 2).set(1, 0.1);
        assertEquals(0.1, doubles[1]);
        short[] halves = {0x3C00};
        assertEquals(1, Tensor.of(halves, DType.FLOAT16, 1).get(0));
        assertEquals(0.0078125, Tensor.of(halves, DType.BFLOAT16, 1).get(0));
    }

    @Test
    void sharesDirectBuffersFromPositionToLimit() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(20).order(ByteOrder.nativeOrder());
        buffer.putFloat(8, 7.5f).position(8).limit(16);
        Tensor tensor = Tensor.of(buffer, DType.FLOAT32, 2);
        assertEquals(7.5, tensor.get(0));
        tensor.set(1, -2);
        assertEquals(-2, buffer.getFloat(12));
        Tensor readOnly = Tensor.of(
                buffer.asReadOnlyBuffer().order(ByteOrder.nativeOrder()), DType.FLOAT32, 2);
        assertThrows(IllegalArgumentException.class, () -> readOnly.set(0, 1));
        assertEquals(7.5, buffer.getFloat(8));
    }

    @Test
    void sharesMappedFiles(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("tensor.bin");
        Files.write(file, new byte[24]);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel =
                        FileChannel.open(
                                file,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)) {
            MemorySegment segment =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, 24, arena);
            Tensor tensor = Tensor.of(segment, DType.FLOAT64, 3);
            tensor.set(2, 1);
            segment.force();
            assertTrue(tensor.toString().contains("mapped"));
        }
        assertEquals(0x3F, Files.readAllBytes(file)[23]);
    }

    @Test
    void allocatesZerosAlignedTo64Bytes() {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor tensor = Tensor.allocate(arena, dtype, 3, 5);
                assertEquals(0, tensor.segment().address() % 64);
                assertEquals(15L * dtype.byteSize(), tensor.byteSize());
                assertEquals(0, tensor.get(14));
            }
        }
    }

    @Test
    void viewsAnAddress() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
            Tensor tensor = Tensor.ofAddress(memory.address() + 4, DType.FLOAT32, 5, 1);
            tensor.set(4, -6);
            assertEquals(2, tensor.get(0));
            assertEquals(-6, memory.getAtIndex(ValueLayout.JAVA_FLOAT, 5));
            assertEquals(20, tensor.segment().byteSize());
            assertEquals(memory.address() + 4, tensor.address().address());
        }
        Tensor empty = Tensor.ofAddress(0, DType.FLOAT64, 3, 0);
        assertEquals(0, empty.segment().byteSize());
        refuses(
                "address is 0, for 12 bytes allowed is that of the first element",
                () -> Tensor.ofAddress(0, DType.FLOAT32, 3));
        refuses(
                "shape[0] is -1, allowed are 0 to 2^63 - 1",
                () -> Tensor.ofAddress(64, DType.FLOAT32, -1));
    }

    @Test
    void viewsAnAddressThatTheHostCannotRead() {
        Tensor tensor = Tensor.ofAddress(new Elsewhere(), 4096, DType.FLOAT16, 2, 3);
        assertEquals(4096, tensor.address().address());
        assertEquals(0, tensor.address().byteSize());
        assertEquals(12, tensor.byteSize());
        assertThrows(UnsupportedOperationException.class, tensor::segment);
    }

    private static final class Elsewhere extends Location {
        Elsewhere() {
            super(false);
        }

        @Override
        protected void copy(
                MemorySegment from, Location fromLocation, MemorySegment to, Location toLocation,
                long bytes) {
            throw new AssertionError("nothing is copied here");
        }
    }

    @Test
    void hasShapeRankExtentsAndSize() {
        Tensor tensor = Tensor.of(new float[24], 2, 3, 4);
        assertArrayEquals(new long[] {2, 3, 4}, tensor.shape());
        assertEquals(3, tensor.rank());
        assertEquals(4, tensor.extent(2));
        assertEquals(24, tensor.size());
        assertEquals(DType.FLOAT32, tensor.dtype());
        tensor.shape()[0] = 99;
        assertEquals(2, tensor.extent(0));
        assertTrue(tensor.hasShapeOf(Tensor.of(new double[24], 2, 3, 4)));
        assertFalse(tensor.hasShapeOf(tensor.reshape(4, 6)));
        assertFalse(tensor.hasShapeOf(tensor.reshape(3, 2, 4)));
        assertFalse(tensor.hasShapeOf(tensor.reshape(2, 4, 3)));
        assertFalse(tensor.hasShapeOf(tensor.reshape(2, 3, 4, 1)));
        assertFalse(tensor.reshape(2, 3, 4, 1).hasShapeOf(tensor));
        Tensor scalar = Tensor.of(new float[1]);
        assertEquals(0, scalar.rank());
        assertEquals(1, scalar.size());
    }

    @Test
    void theCallersShapeArrayIsCopied() {
        long[] shape = {2, 2};
        Tensor tensor = Tensor.of(new float[4], shape);
        shape[0] = 4;
        assertEquals(2, tensor.extent(0));
    }

    @Test
    void emptyTensorsHaveAnyOtherExtent() {
        assertEquals(0, Tensor.of(new float[0], 0).size());
        assertEquals(0, Tensor.of(new float[0], Long.MAX_VALUE, 0, Long.MAX_VALUE).size());
        assertEquals(0, Tensor.of(new float[0], 5, 0).slice(1, 3).size());
        assertEquals("Tensor[float32 [0], heap, {}]", Tensor.of(new float[0], 0).toString());
    }

    @Test
    void reshapesAndSlicesWithoutCopying() {
        float[] array = {0, 1, 2, 3, 4, 5};
        Tensor tensor = Tensor.of(array, 3, 2);
        Tensor row = tensor.slice(1, 2);
        assertArrayEquals(new long[] {1, 2}, row.shape());
        row.set(0, 20);
        assertEquals(20, array[2]);
        assertEquals(20, tensor.reshape(6).get(2));
        assertEquals(0, tensor.slice(3, 3).size());
    }

    @Test
    void printsItsContents() {
        assertEquals(
                "Tensor[float32 [2, 2], heap, {1.0, 2.0, 3.0, 0.1}]",
                Tensor.of(new float[] {1, 2, 3, 0.1f}, 2, 2).toString());
        assertEquals(
                "Tensor[float64 [7], heap, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, …}]",
                Tensor.of(new double[7], 7).toString());
        Arena arena = Arena.ofConfined();
        Tensor tensor = Tensor.allocate(arena, DType.BFLOAT16, 1);
        assertEquals("Tensor[bfloat16 [1], native, {0.0}]", tensor.toString());
        assertEquals(
                "Tensor[bfloat16 [1], native, of another thread]",
                CompletableFuture.supplyAsync(tensor::toString).join());
        Tensor readOnly = Tensor.of(tensor.segment().asReadOnly(), DType.BFLOAT16, 1);
        assertEquals("Tensor[bfloat16 [1], native, read-only, {0.0}]", readOnly.toString());
        arena.close();
        assertEquals("Tensor[bfloat16 [1], native, closed]", tensor.toString());
    }

    @Test
    void refusesWhatDoesNotFit() {
        MemorySegment ten = MemorySegment.ofArray(new byte[10]);
        refuses(
                "segment has 10 bytes, shape [3] of float32 needs exactly 12",
                () -> Tensor.of(ten, DType.FLOAT32, 3));
        refuses(
                "segment has 10 bytes, shape [2] of float32 needs exactly 8",
                () -> Tensor.of(ten, DType.FLOAT32, 2));
        refuses(
                "shape[1] is -1, allowed are 0 to 2^63 - 1",
                () -> Tensor.of(new float[0], 0, -1));
        refuses(
                "shape [4294967296, 4294967296] of float32 has more than 2^63 - 1 bytes",
                () -> Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, 1L << 32, 1L << 32));
        refuses(
                "shape [4611686018427387904] of float16 has more than 2^63 - 1 bytes",
                () -> Tensor.allocate(Arena.ofAuto(), DType.FLOAT16, 1L << 62));
        refuses(
                "dtype is float32, a short[] holds float16 or bfloat16",
                () -> Tensor.of(new short[2], DType.FLOAT32, 1));
        ByteOrder foreign =
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                        ? ByteOrder.BIG_ENDIAN
                        : ByteOrder.LITTLE_ENDIAN;
        refuses(
                "buffer has order " + foreign + ", allowed is the machine's, "
                        + ByteOrder.nativeOrder(),
                () -> Tensor.of(ByteBuffer.allocate(8).order(foreign), DType.FLOAT64, 1));
        Tensor tensor = Tensor.of(new float[6], 3, 2);
        assertThrows(IllegalArgumentException.class, () -> tensor.reshape(7));
    }

    @Test
    void refusesIndexesOutsideOfIt() {
        Tensor tensor = Tensor.of(new float[6], 3, 2);
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(6));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.set(6, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.extent(2));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.slice(1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> tensor.slice(2, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Tensor.of(new float[1]).slice(0, 1));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void makesVectorsOfFloats() {
        Tensor listed = Tensor.of(1, 2.5f, -3);
        assertArrayEquals(new long[] {3}, listed.shape());
        assertArrayEquals(new float[] {1, 2.5f, -3}, listed.toFloatArray());
        assertArrayEquals(new float[] {4}, Tensor.of(4).toFloatArray());
        assertArrayEquals(new long[] {1}, Tensor.of(4).shape());
    }

    @Test
    void copiesArrays() {
        try (Arena arena = Arena.ofConfined()) {
            float[] array = {1, 2, 3, 4, 5, 6};
            Tensor copy = Tensor.copyOf(arena, array, 2, 3);
            array[5] = 7;
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, copy.toFloatArray());
            assertArrayEquals(new long[] {2, 3}, copy.shape());
            assertTrue(copy.segment().isNative());
            refuses(
                    "segment has 24 bytes, shape [7] of float32 needs exactly 28",
                    () -> Tensor.copyOf(arena, array, 7));
        }
    }

    @Test
    void findsElementsByTheirIndices() {
        Tensor tensor = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 1, 2, 3);
        assertEquals(5, tensor.get(0, 1, 2));
        assertEquals(3, tensor.get(0, 1, 0));
        tensor.set(new long[] {0, 0, 2}, -1);
        assertEquals(-1, tensor.get(2));
        assertEquals(8, Tensor.of(new float[] {8}, new long[0]).get());
        refuses("indices are 2, allowed is one for each of 3 dimensions", () -> tensor.get(0, 1));
        for (long[] wrong : new long[][] {{0, 2, 0}, {1, 0, 0}, {0, 0, 3}, {0, -1, 0}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(wrong));
            assertThrows(IndexOutOfBoundsException.class, () -> tensor.set(wrong, 9));
        }
    }

    @Test
    void infersOneExtent() {
        Tensor tensor = Tensor.of(new float[12], 3, 4);
        assertArrayEquals(new long[] {2, 6}, tensor.reshape(-1, 6).shape());
        assertArrayEquals(new long[] {3, 4, 1}, tensor.reshape(3, 4, -1).shape());
        assertArrayEquals(new long[] {12}, tensor.reshape(-1).shape());
        assertArrayEquals(new long[] {0, 5}, Tensor.of(new float[0], 0, 4).reshape(-1, 5).shape());
        refuses("shape [-1, -1] has several -1, allowed is one", () -> tensor.reshape(-1, -1));
        refuses(
                "shape [-1, 5] has 5 elements beside its -1, which has to divide [3, 4]'s 12",
                () -> tensor.reshape(-1, 5));
        refuses(
                "shape [-1, 0] has 0 elements beside its -1, which has to divide [3, 4]'s 12",
                () -> tensor.reshape(-1, 0));
        refuses("shape[1] is -2, allowed are 0 to 2^63 - 1", () -> tensor.reshape(-1, -2));
    }

    /** 2049 is half-way between two float16, 1 + 2^-8 between two bfloat16; ties go to even. */
    @Test
    void convertsBetweenTypes() {
        double[] values = {1, 2049, 2051, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1e300, -0.0};
        Tensor source = Tensor.of(values, 7);
        double[][] expected = {
            {1, 2049, 2051, 1 + 0x1p-8, 1 + 3 * 0x1p-8, Double.POSITIVE_INFINITY, -0.0},
            values,
            {1, 2048, 2052, 1 + 0x1p-8, 1 + 3 * 0x1p-8, Double.POSITIVE_INFINITY, -0.0},
            {1, 2048, 2048, 1, 1 + 0x1p-6, Double.POSITIVE_INFINITY, -0.0},
        };
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor target = Tensor.allocate(arena, dtype, 7);
                source.convertTo(target);
                for (int i = 0; i < values.length; i++) {
                    assertEquals(expected[dtype.ordinal()][i], target.get(i), dtype + " " + i);
                    assertEquals((float) target.get(i), target.toFloatArray()[i]);
                }
            }
        }
        refuses(
                "target is [6], allowed is the source's [7]",
                () -> source.convertTo(Tensor.of(new float[6], 6)));
        Tensor readOnly =
                Tensor.of(MemorySegment.ofArray(new float[7]).asReadOnly(), DType.FLOAT32, 7);
        refuses("target is read-only, it has to be writable", () -> source.convertTo(readOnly));
        MemorySegment shared = MemorySegment.ofArray(new double[10]);
        Tensor wide = Tensor.of(shared.asSlice(0, 32), DType.FLOAT64, 4);
        refuses(
                "target overlaps the source, allowed is memory apart from it",
                () -> wide.convertTo(Tensor.of(shared.asSlice(24, 16), DType.FLOAT32, 4)));
        wide.convertTo(Tensor.of(shared.asSlice(32, 16), DType.FLOAT32, 4));
    }

    @Test
    void fills() {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor tensor = Tensor.allocate(arena, dtype, 2, 2);
                tensor.slice(1, 2).fill(1.5);
                assertArrayEquals(new float[] {0, 0, 1.5f, 1.5f}, tensor.toFloatArray());
                tensor.slice(0, 1).fill(-0.0);
                assertArrayEquals(new float[] {-0.0f, -0.0f, 1.5f, 1.5f}, tensor.toFloatArray());
                tensor.fill(0);
                assertArrayEquals(new float[4], tensor.toFloatArray());
            }
        }
        Tensor readOnly =
                Tensor.of(MemorySegment.ofArray(new float[1]).asReadOnly(), DType.FLOAT32, 1);
        refuses("tensor is read-only, it has to be writable", () -> readOnly.fill(1));
    }
}
