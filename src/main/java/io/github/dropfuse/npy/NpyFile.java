package io.github.dropfuse.npy;

import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * An {@code .npy} file, mapped read-only: nothing is copied, and pages are read when they are used.
 * Nobody may cut the file short as long as the arena lives: see {@link Tensor}. Pipes, and files of a
 * file system that does not map any, are read to memory.
 */
public final class NpyFile {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

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
     * @throws IOException if it is missing or cannot be read
     */
    public static NpyFile open(Path file, Arena arena) throws IOException {
        return open(file, arena, NpyHeader.Use.NUMBERS);
    }

    /**
     * The same for a file of uint16 that holds the bits of bfloat16, which NumPy has no type for, or
     * of two raw bytes, which NumPy makes of bfloat16 of the Python package ml_dtypes.
     *
     * @param file the file
     * @param arena owns the mapping
     * @return the mapped file
     * @throws NpyFormatException if it is no {@code .npy} file of uint16 or bfloat16
     * @throws IOException if it is missing or cannot be read
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
     * @throws IOException if it is missing or cannot be read
     */
    public static Mask readMask(Path file, Arena arena) throws IOException {
        Objects.requireNonNull(arena, "arena");
        try (Arena ofFile = Arena.ofConfined()) {
            return open(file, ofFile, NpyHeader.Use.DECISIONS).mask(ofFile, arena);
        }
    }

    /**
     * The same from a stream, which is read to its end.
     *
     * @param stream the whole content of a file; not closed
     * @param name what errors call it
     * @param arena owns the mask
     * @return a mask of as many units as the file has elements
     * @throws NpyFormatException if it is no {@code .npy} file of bool or uint8
     * @throws IOException if it cannot be read
     */
    public static Mask readMask(InputStream stream, String name, Arena arena) throws IOException {
        Objects.requireNonNull(arena, "arena");
        try (Arena ofFile = Arena.ofConfined()) {
            return read(stream, name, ofFile, NpyHeader.Use.DECISIONS).mask(ofFile, arena);
        }
    }

    private Mask mask(Arena ofFile, Arena arena) {
        MemorySegment ordered = data;
        if (header.fortranOrder()) {
            ordered = ofFile.allocate(header.size());
            inOrder(0, ordered);
        }
        return Mask.ofBytes(arena, ordered);
    }

    /**
     * Reads a stream to its end, such as standard input.
     *
     * @param stream the whole content of a file; not closed
     * @param name what errors call it
     * @param arena owns the memory
     * @return the file in memory
     * @throws NpyFormatException if it is no {@code .npy} file that can be read as a tensor
     * @throws IOException if it cannot be read
     */
    public static NpyFile read(InputStream stream, String name, Arena arena) throws IOException {
        return read(stream, name, arena, NpyHeader.Use.NUMBERS);
    }

    /**
     * The same for what {@link #openBfloat16} opens.
     *
     * @param stream the whole content of a file; not closed
     * @param name what errors call it
     * @param arena owns the memory
     * @return the file in memory
     * @throws NpyFormatException if it is no {@code .npy} file of uint16 or bfloat16
     * @throws IOException if it cannot be read
     */
    public static NpyFile readBfloat16(InputStream stream, String name, Arena arena)
            throws IOException {
        return read(stream, name, arena, NpyHeader.Use.BFLOAT16);
    }

    private static NpyFile read(
            InputStream stream, String name, Arena arena, NpyHeader.Use use) throws IOException {
        Objects.requireNonNull(stream, "stream");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arena, "arena");
        byte[] begin = stream.readNBytes(NpyHeader.MOST_BYTES);
        NpyHeader header = NpyHeader.read(name, MemorySegment.ofArray(begin), use);
        MemorySegment data = StreamContent.read(stream, name, header, begin, arena);
        return new NpyFile(header, data.asReadOnly());
    }

    private static NpyFile open(Path file, Arena arena, NpyHeader.Use use) throws IOException {
        return open(file, arena, use, Disk.REAL);
    }

    static NpyFile open(Path file, Arena arena, NpyHeader.Use use, Disk disk)
            throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(arena, "arena");
        if (Files.notExists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (Files.isDirectory(file)) {
            throw new NpyFormatException(file.toString(), "is a directory");
        }
        if (!Files.isRegularFile(file)) {
            try (InputStream stream = Files.newInputStream(file)) {
                return read(stream, file.toString(), arena, use);
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment content;
            try {
                content =
                        disk.map(
                                channel, FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            } catch (IOException | UnsupportedOperationException e) {
                return read(Channels.newInputStream(channel), file.toString(), arena, use);
            }
            return of(content, file.toString(), use);
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
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(name, "name");
        NpyHeader header = NpyHeader.read(name, content, use);
        header.checkSize(name, content.byteSize());
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
     * Whether the elements are of a tensor's type, in the machine's byte order and row-major as they
     * are.
     *
     * @return true if {@link #tensor()} can be had, false if {@link #read} has to convert
     */
    public boolean isTensor() {
        return hasTensorElements() && !header.fortranOrder();
    }

    private boolean hasTensorElements() {
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
     * Copies some elements to a tensor, converted to its byte order, to row-major order and from
     * uint8 to float32, which changes no value.
     *
     * @param first the first element to read, as row-major order numbers them
     * @param target receives as many elements as it has, of {@link NpyType#dtype()}
     * @throws IllegalArgumentException if the target's type is another
     * @throws IndexOutOfBoundsException if the file has too few elements
     */
    public void read(long first, Tensor target) {
        Objects.requireNonNull(target, "target");
        if (target.dtype() != header.type().dtype()) {
            throw new IllegalArgumentException(
                    "target is " + target.dtype() + ", allowed for " + header.type() + " is "
                            + header.type().dtype());
        }
        Objects.checkFromIndexSize(first, target.size(), header.size());
        MemorySegment to = target.segment();
        if (header.type() == NpyType.UINT8) {
            // The bytes wait at the end of the memory that they are widened to.
            MemorySegment bytes = to.asSlice(to.byteSize() - target.size());
            inOrder(first, bytes);
            widen(bytes, to);
            return;
        }
        inOrder(first, to);
        if (!hasTensorElements()) {
            switch (header.type().byteSize()) {
                case Short.BYTES -> swap2(to);
                case Integer.BYTES -> swap4(to);
                default -> swap8(to);
            }
        }
    }

    /** Copies as many elements as there is room for, row-major, as they are in the file. */
    private void inOrder(long first, MemorySegment to) {
        int width = header.type().byteSize();
        if (header.fortranOrder()) {
            new FortranOrder(header.shape(), width).copy(data, first, to);
        } else {
            MemorySegment.copy(data, first * width, to, 0, to.byteSize());
        }
    }

    private static void widen(MemorySegment from, MemorySegment to) {
        for (long i = 0; i < from.byteSize(); i++) {
            int pixel = from.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
            to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i, pixel);
        }
    }

    private static void swap2(MemorySegment elements) {
        for (long i = 0; i < elements.byteSize(); i += 2) {
            elements.set(SHORT, i, Short.reverseBytes(elements.get(SHORT, i)));
        }
    }

    private static void swap4(MemorySegment elements) {
        for (long i = 0; i < elements.byteSize(); i += 4) {
            elements.set(INT, i, Integer.reverseBytes(elements.get(INT, i)));
        }
    }

    private static void swap8(MemorySegment elements) {
        for (long i = 0; i < elements.byteSize(); i += 8) {
            elements.set(LONG, i, Long.reverseBytes(elements.get(LONG, i)));
        }
    }
}
