package io.github.dropfuse.cli.apply;

import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Has the system bring pages of mapped files, so that a kernel does not wait for them. */
final class MappedPages {
    /** Of most systems; where pages are larger, each is asked for more than once. */
    private static final long PAGE = 4096;

    private static final long PIECE = 1 << 22;

    private MappedPages() {}

    /** Waits until an input's pages are read. */
    static void read(Tensor input) {
        inPieces(input.segment(), MemorySegment::load);
    }

    /** Has an output's pages made, and writes what is there already. */
    static void write(Tensor output) {
        inPieces(output.segment(), MappedPages::write);
    }

    private static void write(MemorySegment memory) {
        for (long at = 0; at < memory.byteSize(); at += PAGE) {
            write(memory, at);
        }
        write(memory, memory.byteSize() - 1);
    }

    private static void write(MemorySegment memory, long at) {
        memory.set(ValueLayout.JAVA_BYTE, at, memory.get(ValueLayout.JAVA_BYTE, at));
    }

    /** By all processors, as each waits for the pages that it asks for. */
    private static void inPieces(MemorySegment memory, Consumer<MemorySegment> call) {
        long size = memory.byteSize();
        if (!memory.isMapped() || size == 0) {
            return;
        }
        if (size <= PIECE) {
            call.accept(memory);
            return;
        }
        LongStream.range(0, (size + PIECE - 1) / PIECE)
                .parallel()
                .forEach(
                        i -> {
                            long from = i * PIECE;
                            call.accept(memory.asSlice(from, Math.min(PIECE, size - from)));
                        });
    }
}
