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

    /** Pieces begin at cache lines. */
    private static final long ALIGNMENT = 64;

    private static final MethodHandle MEMCPY = memcpy();

    private Copying() {}

    /** Copies a piece for each thread, in the common pool. */
    static void segmentCopy(MemorySegment from, MemorySegment to, int threads) {
        inPieces(
                from.byteSize(),
                threads,
                (begin, length) -> MemorySegment.copy(from, begin, to, begin, length));
    }

    /** Does something to a range of bytes. */
    interface Piece {
        void run(long begin, long length);
    }

    /** Cuts a number of bytes into a piece for each thread and runs them in the common pool. */
    static void inPieces(long size, int threads, Piece work) {
        long pieces = Math.clamp(size / SMALLEST_PIECE, 1, threads);
        if (pieces == 1) {
            work.run(0, size);
            return;
        }
        long piece = -Math.floorDiv(-size, pieces * ALIGNMENT) * ALIGNMENT;
        LongStream.range(0, pieces)
                .parallel()
                .forEach(i -> work.run(i * piece, Math.min(piece, size - i * piece)));
    }

    /** The same by the C library's memcpy. */
    static void cMemcpy(MemorySegment from, MemorySegment to, int threads) {
        inPieces(
                from.byteSize(),
                threads,
                (begin, length) -> {
                    try {
                        MEMCPY.invokeExact(
                                to.asSlice(begin, length), from.asSlice(begin, length), length);
                    } catch (Throwable e) {
                        throw new IllegalStateException(e);
                    }
                });
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
