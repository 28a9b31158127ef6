package io.github.dropfuse.npy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads the elements of a stream, such as a pipe, to memory. */
final class StreamContent {
    private static final long FIRST_CAPACITY = 1 << 20;
    private static final int ALIGNMENT = 64;

    private StreamContent() {}

    /** Reads a stream whose header has been read, with perhaps some of the elements. */
    static MemorySegment read(
            InputStream stream, String name, NpyHeader header, byte[] begin, Arena arena)
            throws IOException {
        long whole = header.dataOffset() + header.dataSize();
        if (begin.length > whole || begin.length < whole && begin.length < NpyHeader.MOST_BYTES) {
            header.checkSize(name, begin.length);
        }
        MemorySegment content = elements(stream, name, header, begin, arena);
        if (stream.read() >= 0) {
            header.checkSize(name, whole + 1);
        }
        return content;
    }

    /** Memory grows as elements come, for a header may promise more than there are. */
    private static MemorySegment elements(
            InputStream stream, String name, NpyHeader header, byte[] begin, Arena arena)
            throws IOException {
        byte[] buffer = new byte[1 << 16];
        long wanted = header.dataSize();
        long size = begin.length - header.dataOffset();
        MemorySegment elements = MemorySegment.ofArray(begin).asSlice(header.dataOffset());
        Arena own = Arena.ofConfined();
        try {
            while (true) {
                long capacity = Math.min(Math.max(FIRST_CAPACITY, 2 * size), wanted);
                Arena next = capacity == wanted ? arena : Arena.ofConfined();
                MemorySegment larger = next.allocate(capacity, ALIGNMENT).copyFrom(elements);
                own.close();
                own = next;
                elements = larger;
                while (size < capacity) {
                    int count = (int) Math.min(buffer.length, capacity - size);
                    int read = stream.read(buffer, 0, count);
                    if (read < 0) {
                        header.checkSize(name, header.dataOffset() + size);
                    }
                    MemorySegment.copy(buffer, 0, elements, ValueLayout.JAVA_BYTE, size, read);
                    size += read;
                }
                if (capacity == wanted) {
                    return elements;
                }
            }
        } finally {
            if (own != arena) {
                own.close();
            }
        }
    }
}
