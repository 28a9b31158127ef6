package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.bench.Places;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.LongStream;

/** Plain copies: the limit that everything is compared with. */
final class Copying {
    /** A thread's share is no smaller than what a split layer call gives it. */
    private static final long SMALLEST_PIECE = 1 << 19;

    private static final MethodHandle MEMCPY = memcpy();

    private Copying() {}

    static void segmentCopy(MemorySegment from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, 0, from.byteSize());
    }

    /** Copies a piece for each thread, in the common pool. */
    static void segmentCopy(MemorySegment from, MemorySegment to, int threads) {
        long size = from.byteSize();
        long pieces = Math.clamp(size / SMALLEST_PIECE, 1, threads);
        if (pieces == 1) {
            segmentCopy(from, to);
            return;
        }
        long piece = -Math.floorDiv(-size, pieces);
        LongStream.range(0, pieces)
                .parallel()
                .forEach(
                        i -> {
                            long begin = i * piece;
                            long length = Math.min(piece, size - begin);
                            MemorySegment.copy(from, begin, to, begin, length);
                        });
    }

    static void cMemcpy(MemorySegment from, MemorySegment to) {
        try {
            MEMCPY.invokeExact(to, from, from.byteSize());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle memcpy() {
        SymbolLookup library =
                SymbolLookup.libraryLookup(Places.nativeLibrary("dropfuse_bench"), Arena.global());
        return Linker.nativeLinker()
                .downcallHandle(
                        library.findOrThrow("bench_copy"),
                        FunctionDescriptor.ofVoid(
                                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    }
}
