package io.github.dropfuse.testing;

import io.github.dropfuse.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The kinds of memory that a tensor can view. */
public enum Place {
    /** An array of the elements' own Java type. */
    HEAP_ARRAY {
        @Override
        MemorySegment allocate(Arena arena, DType dtype, long bytes) {
            int length = (int) ((bytes + 7) / 8 * 8 / dtype.byteSize());
            MemorySegment array =
                    switch (dtype) {
                        case FLOAT32 -> MemorySegment.ofArray(new float[length]);
                        case FLOAT64 -> MemorySegment.ofArray(new double[length]);
                        case FLOAT16, BFLOAT16 -> MemorySegment.ofArray(new short[length]);
                    };
            return array.asSlice(0, bytes);
        }
    },
    /** A byte array, whose elements may begin anywhere. */
    HEAP_BYTES {
        @Override
        MemorySegment allocate(Arena arena, DType dtype, long bytes) {
            return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        }
    },
    /** Memory of an arena. */
    NATIVE {
        @Override
        MemorySegment allocate(Arena arena, DType dtype, long bytes) {
            return arena.allocate(bytes, 64);
        }
    },
    /** A file that is mapped into memory. */
    MAPPED {
        @Override
        MemorySegment allocate(Arena arena, DType dtype, long bytes) {
            try {
                Path file = Files.createTempFile("dropfuse-test", ".bin");
                try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
                } finally {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final int MARGIN = 64;
    private static final byte SENTINEL = (byte) 0xA5;

    abstract MemorySegment allocate(Arena arena, DType dtype, long bytes);

    /** Memory for frames of up to so many bytes, shifted by up to 8. */
    public MemorySegment memory(Arena arena, DType dtype, long bytes) {
        return allocate(arena, dtype, (MARGIN + 8 + bytes + MARGIN + 7) / 8 * 8);
    }

    /** Some bytes between margins that nobody may write to. */
    public record Frame(MemorySegment whole, MemorySegment body) {
        /** A frame {@code shift} bytes past the place in memory that is aligned best. */
        public static Frame in(MemorySegment memory, long bytes, int shift) {
            MemorySegment whole = memory.asSlice(0, MARGIN + shift + bytes + MARGIN);
            whole.fill(SENTINEL);
            return new Frame(whole, whole.asSlice(MARGIN + shift, bytes));
        }

        public void assertMarginsUntouched(String what) {
            long before = body.address() - whole.address();
            long after = before + body.byteSize();
            Patterns.assertFilled(whole.asSlice(0, before), SENTINEL, what + ": before the output");
            Patterns.assertFilled(whole.asSlice(after), SENTINEL, what + ": after the output");
        }
    }
}
