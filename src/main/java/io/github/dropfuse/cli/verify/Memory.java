package io.github.dropfuse.cli.verify;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.common.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The memory of a verified call or of a part of it, with bytes around that nobody may touch. */
final class Memory {
    private static final int GUARD = 64;
    private static final byte UNTOUCHED = (byte) 0xA5;

    /**
     * A kind of memory and an alignment.
     *
     * @param kind the kind
     * @param offset bytes from a multiple of 64
     */
    record Place(Kind kind, int offset) {
        @Override
        public String toString() {
            return kind.name().toLowerCase(Locale.ROOT) + "+" + offset;
        }
    }

    /** Native memory, an array of the heap, or a mapped file. */
    enum Kind {
        NATIVE,
        HEAP,
        MAPPED;

        private MemorySegment allocate(Arena arena, long bytes) {
            return switch (this) {
                case NATIVE -> arena.allocate(bytes, GUARD);
                case HEAP -> MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
                case MAPPED -> map(arena, bytes);
            };
        }

        private static MemorySegment map(Arena arena, long bytes) {
            try (FileChannel file =
                    FileChannel.open(
                            Files.createTempFile("dropfuse-verify-", ".tmp"),
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE)) {
                takeSpace(file, bytes);
                return file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            } catch (IOException e) {
                String directory = System.getProperty("java.io.tmpdir");
                throw new UncheckedIOException(
                        "no file of " + bytes + " bytes to map in " + directory + ": "
                                + e.getMessage(),
                        e);
            }
        }

        /** Where a file has holes, a disk that is full ends the process when they are written to. */
        private static void takeSpace(FileChannel file, long bytes) throws IOException {
            ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(1 << 16, bytes));
            for (long at = 0; at < bytes; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
                at += file.write(zeros, at);
            }
        }
    }

    private record Entry(Slot slot, long[] shape, MemorySegment around, MemorySegment segment) {}

    private final Map<String, Entry> entries = new HashMap<>();

    /** Makes room for a slot's part, or takes that of the slot that it replaces. */
    MemorySegment add(Arena arena, Slot slot, Box part, Place place) {
        Entry replaced = entries.get(slot.replaces());
        long bytes = part.size() * slot.width();
        MemorySegment around =
                replaced == null ? around(arena, place, bytes) : replaced.around;
        MemorySegment segment =
                replaced == null
                        ? around.asSlice(GUARD + place.offset(), bytes)
                        : replaced.segment;
        entries.put(slot.name(), new Entry(slot, part.shape(), around, segment));
        return segment;
    }

    private static MemorySegment around(Arena arena, Place place, long bytes) {
        long total = bytes + 2 * GUARD + place.offset();
        return place.kind().allocate(arena, total).fill(UNTOUCHED);
    }

    /** A slot's memory. */
    MemorySegment segment(String name) {
        return entries.get(name).segment;
    }

    /** A slot as a tensor; null if there is none of this name. */
    Tensor tensor(String name) {
        Entry entry = entries.get(name);
        return entry == null
                ? null
                : Tensor.of(entry.segment, entry.slot.dtype(), entry.shape);
    }

    /** Whether the bytes around a slot are as they were. */
    boolean isIntact(String name) {
        Entry entry = entries.get(name);
        long begin = entry.segment.address() - entry.around.address();
        return isUntouched(entry.around.asSlice(0, begin))
                && isUntouched(entry.around.asSlice(begin + entry.segment.byteSize()));
    }

    private static boolean isUntouched(MemorySegment guard) {
        for (byte b : guard.toArray(ValueLayout.JAVA_BYTE)) {
            if (b != UNTOUCHED) {
                return false;
            }
        }
        return true;
    }

    /** Copies a part out of a whole. */
    static MemorySegment copy(MemorySegment whole, Slot slot, Box part, MemorySegment to) {
        long row = part.shape().length == 0 ? 1 : part.shape()[part.shape().length - 1];
        for (long element = 0; element < part.size(); element += row) {
            long from = part.index(element, slot.shape()) * slot.width();
            long bytes = row * slot.width();
            MemorySegment.copy(whole, from, to, element * slot.width(), bytes);
        }
        return to;
    }
}
