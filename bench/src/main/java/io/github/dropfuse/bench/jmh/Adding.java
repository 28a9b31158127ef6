package io.github.dropfuse.bench.jmh;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.bench.Places;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Plain sums of float32 in C: the limit of what adds to a residual. */
final class Adding {
    private static final SymbolLookup LIBRARY =
            SymbolLookup.libraryLookup(Places.nativeLibrary("dropfuse_bench"), Arena.global());
    private static final MethodHandle ADD = sum("bench_add");
    private static final MethodHandle ADD_STREAMED = sum("bench_add_streamed");
    private static final MethodHandle ADD_TO =
            handle(
                    "bench_add_to",
                    FunctionDescriptor.ofVoid(
                            ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));

    private Adding() {}

    /** out = a + b. */
    static void add(Tensor a, Tensor b, Tensor out, int threads) {
        add(ADD, a, b, out, threads);
    }

    /** The same with stores that bypass the cache. */
    static void addStreamed(Tensor a, Tensor b, Tensor out, int threads) {
        add(ADD_STREAMED, a, b, out, threads);
    }

    /** a += b. */
    static void addInPlace(Tensor a, Tensor b, int threads) {
        check(a);
        Copying.inPieces(
                a.byteSize(),
                threads,
                (begin, length) -> {
                    try {
                        ADD_TO.invokeExact(
                                a.segment().asSlice(begin, length),
                                b.segment().asSlice(begin, length),
                                length / Float.BYTES);
                    } catch (Throwable e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static void add(MethodHandle loop, Tensor a, Tensor b, Tensor out, int threads) {
        check(out);
        Copying.inPieces(
                out.byteSize(),
                threads,
                (begin, length) -> {
                    MemorySegment piece = out.segment().asSlice(begin, length);
                    try {
                        loop.invokeExact(
                                a.segment().asSlice(begin, length),
                                b.segment().asSlice(begin, length),
                                piece,
                                length / Float.BYTES);
                    } catch (Throwable e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static void check(Tensor tensor) {
        if (tensor.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException(
                    "dtype is " + tensor.dtype() + ", the loops in C are written for float32");
        }
    }

    private static MethodHandle sum(String name) {
        return handle(
                name,
                FunctionDescriptor.ofVoid(
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG));
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), descriptor);
    }
}
