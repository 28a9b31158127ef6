package io.github.dropfuse.npy;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * An {@code .npy} file, mapped read-only: nothing is copied, and pages are read when they are used.
 * Nobody may cut the file short as long as the arena lives.
 */
public final class NpyFile {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final NpyHeader header;
    private final MemorySegment data;

    private NpyFile(NpyHeader header, MemorySegment data) {
        this.header = header;
        this.data = data;
    }

    /**
     * Reads and checks a file's header, and maps its elements.
     *
     * @param file the file
     * @param arena owns the mapping
     * @return the mapped file
     * @throws NpyFormatException if it is no {@code .npy} file that can be read as a tensor
     * @throws IOException if it is missing, not a regular file, or cannot be read
     */
    public static NpyFile open(Path file, Arena arena) throws IOException {
        return open(file, arena, NpyHeader.Use.NUMBERS);
    }

    /**
     * The same for a file of uint16 that holds the bits of bfloat16, which NumPy has no type for.
     *
     * @param file the file
     * @param arena owns the mapping
     * @return the mapped file
     * @throws NpyFormatException if it is no {@code .npy} file of uint16
     * @throws IOException if it is missing, not a regular file, or cannot be read
     */
    public static NpyFile openBfloat16(Path file, Arena arena) throws IOException {
        return open(file, arena, NpyHeader.Use.BFLOAT16);
    }

    /**
     * Reads stored decisions, one bool or uint8 for each unit: 0 drops, anything else keeps.
     *
     * @param file the file, of any shape
     * @param arena owns the mask
     * @return a mask of as many units as the file has elements
     * @throws NpyFormatException if it is no {@code .npy} file of bool or uint8
     * @throws IOException if it is missing, not a regular file, or cannot be read
     */
    public static Mask readMask(Path file, Arena arena) throws IOException {
        try (Arena ofFile = Arena.ofConfined()) {
            return Mask.ofBytes(arena, open(file, ofFile, NpyHeader.Use.DECISIONS).data);
        }
    }

    private static NpyFile open(Path file, Arena arena, NpyHeader.Use use) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new NpyFormatException(
                    file.toString(),
                    Files.isDirectory(file) ? "is a directory" : "is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return of(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena),
                    file.toString(),
                    use);
        }
    }

    /**
     * Reads the content of a file that is in memory already, such as a resource.
     *
     * @param content the whole file
     * @param name what errors call it
     * @return a view of the content's memory
     * @throws NpyFormatException if it is no {@code .npy} file that can be read as a tensor
     */
    public static NpyFile of(MemorySegment content, String name) throws NpyFormatException {
        return of(content, name, NpyHeader.Use.NUMBERS);
    }

    private static NpyFile of(MemorySegment content, String name, NpyHeader.Use use)
            throws NpyFormatException {
        NpyHeader header = NpyHeader.read(name, content, use);
        return new NpyFile(header, content.asSlice(header.dataOffset()).asReadOnly());
    }

    /**
     * What the file says of itself.
     *
     * @return the header
     */
    public NpyHeader header() {
        return header;
    }

    /**
     * Whether the elements are of a tensor's type and in the machine's byte order as they are.
     *
     * @return true if {@link #tensor()} can be had, false if {@link #read} has to convert
     */
    public boolean isTensor() {
        return header.type() != NpyType.UINT8 && header.order() == ByteOrder.nativeOrder();
    }

    /**
     * The file's elements, without copying.
     *
     * @return a read-only tensor over the mapped file
     * @throws IllegalStateException if they have to be converted
     */
    public Tensor tensor() {
        if (!isTensor()) {
            throw new IllegalStateException(header + " has to be converted, it is no tensor as is");
        }
        return Tensor.of(data, header.type().dtype(), header.shape());
    }

    /**
     * Copies some elements to a tensor, converted to its byte order and from uint8 to float32,
     * which changes no value.
     *
     * @param first the first element to read
     * @param target receives as many elements as it has, of {@link NpyType#dtype()}
     * @throws IllegalArgumentException if the target's type is another
     * @throws IndexOutOfBoundsException if the file has too few elements
     */
    public void read(long first, Tensor target) {
        if (target.dtype() != header.type().dtype()) {
            throw new IllegalArgumentException(
                    "target is " + target.dtype() + ", allowed for " + header.type() + " is "
                            + header.type().dtype());
        }
        Objects.checkFromIndexSize(first, target.size(), header.size());
        int width = header.type().byteSize();
        MemorySegment from = data.asSlice(first * width, target.size() * width);
        MemorySegment to = target.segment();
        if (isTensor()) {
            MemorySegment.copy(from, 0, to, 0, from.byteSize());
            return;
        }
        switch (header.type()) {
            case UINT8 -> widen(from, to);
            case FLOAT16, BFLOAT16 -> swap2(from, to);
            case FLOAT32 -> swap4(from, to);
            case FLOAT64 -> swap8(from, to);
        }
    }

    private static void widen(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i++) {
            int pixel = from.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
            to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, pixel);
        }
    }

    private static void swap2(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i += 2) {
            to.set(SHORT, i, Short.reverseBytes(from.get(SHORT, i)));
        }
    }

    private static void swap4(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i += 4) {
            to.set(INT, i, Integer.reverseBytes(from.get(INT, i)));
        }
    }

    private static void swap8(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i += 8) {
            to.set(LONG, i, Long.reverseBytes(from.get(LONG, i)));
        }
    }
}
