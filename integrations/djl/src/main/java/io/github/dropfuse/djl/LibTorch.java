package io.github.dropfuse.djl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.dropfuse.DropfuseException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of libtorch's C interface that the blocks need ({@code
 * torch/csrc/inductor/aoti_torch/c/shim.h}, which PyTorch keeps stable). A tensor is the address of
 * an {@code at::Tensor}, which is what DJL's arrays hold as well.
 */
final class LibTorch {
    static final int CPU = 0;
    static final int CUDA = 1;

    static final int FLOAT16 = 5;
    static final int FLOAT32 = 6;
    static final int FLOAT64 = 7;
    static final int BFLOAT16 = 15;

    /** Where libtorch's iteration over elements ends as well. */
    private static final long MAX_RANK = 64;

    /** The functions that every libtorch has to have. */
    static final List<String> NEEDED = new ArrayList<>();

    private static final String CUDA_STREAM_NAME = "aoti_torch_get_current_cuda_stream";

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = symbols();

    private static final MethodHandle GET_DIM = get("aoti_torch_get_dim");
    private static final MethodHandle GET_SIZES = get("aoti_torch_get_sizes");
    private static final MethodHandle GET_STRIDES = get("aoti_torch_get_strides");
    private static final MethodHandle GET_DTYPE = get("aoti_torch_get_dtype");
    private static final MethodHandle GET_DATA = get("aoti_torch_get_data_ptr");
    private static final MethodHandle GET_DEVICE_TYPE = get("aoti_torch_get_device_type");
    private static final MethodHandle GET_DEVICE_INDEX = get("aoti_torch_get_device_index");
    private static final MethodHandle NEW_HANDLE = get("aoti_torch_new_tensor_handle");
    private static final MethodHandle NEW_UNDEFINED =
            function(
                    "aoti_torch_new_uninitialized_tensor",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle DELETE =
            function(
                    "aoti_torch_delete_tensor_object",
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    private static final MethodHandle EMPTY =
            function(
                    "aoti_torch_empty_strided",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT,
                            ADDRESS));
    private static final MethodHandle GRAD_MODE =
            function(
                    "aoti_torch_grad_mode_is_enabled",
                    FunctionDescriptor.of(ValueLayout.JAVA_BOOLEAN));
    private static final MethodHandle CALL =
            function(
                    "aoti_torch_call_dispatcher",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle LIBRARY =
            function(
                    "aoti_torch_library_init_impl",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle IMPLEMENT =
            function(
                    "aoti_torch_library_impl",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

    private static final MemorySegment CONTIGUOUS = Arena.global().allocateFrom("aten::contiguous");
    private static final MemorySegment TO = Arena.global().allocateFrom("aten::to");
    private static final MemorySegment DTYPE = Arena.global().allocateFrom("dtype");
    private static final MemorySegment DEFAULT = Arena.global().allocateFrom("");

    /** Only builds of libtorch with CUDA have it. */
    private static final MethodHandle CUDA_STREAM =
            handle(
                    CUDA_STREAM_NAME,
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    private static final AddressLayout EXTENTS =
            ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(MAX_RANK, JAVA_LONG));

    /** Where functions leave their results. */
    private static final ThreadLocal<MemorySegment> OUT =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(JAVA_LONG));

    private LibTorch() {}

    /** Where DJL has loaded libtorch: with this class's loader, or with another one's. */
    private static SymbolLookup symbols() {
        SymbolLookup ours = SymbolLookup.loaderLookup();
        if (ours.find("aoti_torch_get_data_ptr").isPresent()) {
            return ours;
        }
        try {
            return ours.or(
                    SymbolLookup.libraryLookup(
                            System.mapLibraryName("torch_cpu"), Arena.global()));
        } catch (IllegalArgumentException notLoaded) {
            return ours;
        }
    }

    private static MethodHandle get(String name) {
        return function(name, FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        NEEDED.add(name);
        return handle(name, descriptor);
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        return SYMBOLS.find(name)
                .map(symbol -> LINKER.downcallHandle(symbol, descriptor))
                .orElseGet(() -> missing(name, descriptor.toMethodType()));
    }

    /** Fails when it is called, and not before, so that the class can be loaded. */
    private static MethodHandle missing(String name, MethodType type) {
        try {
            MethodHandle reason =
                    MethodHandles.lookup()
                            .findStatic(
                                    LibTorch.class, "reason",
                                    MethodType.methodType(
                                            UnsupportedOperationException.class, String.class))
                            .bindTo(name);
            MethodHandle thrower =
                    MethodHandles.throwException(
                            type.returnType(), UnsupportedOperationException.class);
            return MethodHandles.dropArguments(
                    MethodHandles.foldArguments(thrower, reason), 0, type.parameterList());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static UnsupportedOperationException reason(String function) {
        return new UnsupportedOperationException(
                "libtorch has no " + function + "; needed is libtorch 2.7 or newer"
                        + (function.contains("cuda") ? ", built with CUDA" : ""));
    }

    /**
     * Refuses a libtorch that lacks a function, where it would be too late to find out when it is
     * called.
     */
    static void requireAll() {
        requireAll(SYMBOLS);
    }

    static void requireAll(SymbolLookup symbols) {
        for (String name : NEEDED) {
            if (symbols.find(name).isEmpty()) {
                throw reason(name);
            }
        }
    }

    static boolean isBuiltWithCuda() {
        return SYMBOLS.find(CUDA_STREAM_NAME).isPresent();
    }

    private static void check(String function, int status) {
        if (status != 0) {
            throw new DropfuseException(
                    function, status, "AOTI_TORCH_FAILURE",
                    "libtorch has written the reason to the standard error");
        }
    }

    /** Method handles declare Throwable, though none of these throws. */
    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof RuntimeException known) {
            return known;
        }
        throw e instanceof Error error ? error : new AssertionError(e);
    }

    private static MemorySegment getter(String name, MethodHandle function, long tensor) {
        MemorySegment out = OUT.get();
        try {
            check(name, (int) function.invokeExact(tensor, out));
            return out;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static int dtype(long tensor) {
        return getter("aoti_torch_get_dtype", GET_DTYPE, tensor).get(JAVA_INT, 0);
    }

    static int deviceType(long tensor) {
        return getter("aoti_torch_get_device_type", GET_DEVICE_TYPE, tensor).get(JAVA_INT, 0);
    }

    static int deviceIndex(long tensor) {
        return getter("aoti_torch_get_device_index", GET_DEVICE_INDEX, tensor).get(JAVA_INT, 0);
    }

    static long data(long tensor) {
        return getter("aoti_torch_get_data_ptr", GET_DATA, tensor).get(JAVA_LONG, 0);
    }

    static long[] sizes(long tensor) {
        return extents("aoti_torch_get_sizes", GET_SIZES, tensor);
    }

    static long[] strides(long tensor) {
        return extents("aoti_torch_get_strides", GET_STRIDES, tensor);
    }

    private static long[] extents(String name, MethodHandle function, long tensor) {
        int rank = (int) getter("aoti_torch_get_dim", GET_DIM, tensor).get(JAVA_LONG, 0);
        MemorySegment at = getter(name, function, tensor).get(EXTENTS, 0);
        long[] extents = new long[rank];
        for (int d = 0; d < rank; d++) {
            extents[d] = at.getAtIndex(JAVA_LONG, d);
        }
        return extents;
    }

    /** Whether the elements follow each other in row-major order. */
    static boolean isContiguous(long[] sizes, long[] strides) {
        long expected = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            if (sizes[d] == 0) {
                return true;
            }
            if (sizes[d] != 1 && strides[d] != expected) {
                return false;
            }
            expected *= sizes[d];
        }
        return true;
    }

    /** Whether this thread's operations are recorded for gradients. */
    static boolean records() {
        try {
            return (boolean) GRAD_MODE.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Another handle of the same tensor, to be deleted or given away. */
    static long newHandle(long tensor) {
        return getter("aoti_torch_new_tensor_handle", NEW_HANDLE, tensor).get(JAVA_LONG, 0);
    }

    /** A tensor that is none: whatever uses it fails, with an exception of libtorch's. */
    static long newUndefined() {
        MemorySegment out = OUT.get();
        try {
            check("aoti_torch_new_uninitialized_tensor", (int) NEW_UNDEFINED.invokeExact(out));
            return out.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static void delete(long tensor) {
        try {
            check("aoti_torch_delete_tensor_object", (int) DELETE.invokeExact(tensor));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A contiguous tensor with undefined elements. */
    static long empty(int deviceType, int deviceIndex, int dtype, long... sizes) {
        long rank = sizes.length;
        MemorySegment out = OUT.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = arena.allocate(JAVA_LONG, 2 * rank + 1);
            long stride = 1;
            for (int d = sizes.length - 1; d >= 0; d--) {
                at.setAtIndex(JAVA_LONG, d, sizes[d]);
                at.setAtIndex(JAVA_LONG, rank + d, stride);
                stride *= Math.max(1, sizes[d]);
            }
            int status =
                    (int)
                            EMPTY.invokeExact(
                                    rank, at, at.asSlice(rank * Long.BYTES), dtype, deviceType,
                                    deviceIndex, out);
            check("aoti_torch_empty_strided", status);
            return out.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A contiguous tensor of the same values; recorded like any operation. */
    static long contiguous(long tensor) {
        return call(CONTIGUOUS, DEFAULT, newHandle(tensor), 0);
    }

    /** The values in another type; recorded like any operation. */
    static long to(long tensor, int dtype) {
        return call(TO, DTYPE, newHandle(tensor), dtype, 0, 0, 0);
    }

    private static long call(MemorySegment name, MemorySegment overload, long... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stack = arena.allocateFrom(JAVA_LONG, arguments);
            call(name, overload, stack);
            return stack.get(JAVA_LONG, 0);
        }
    }

    /** Calls an operator: it takes its arguments from the stack, and leaves its results there. */
    static void call(MemorySegment name, MemorySegment overload, MemorySegment stack) {
        try {
            int status = (int) CALL.invokeExact(name, overload, stack);
            check("aoti_torch_call_dispatcher", status);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A set of implementations for the CPU; the file is named where others conflict with them. */
    static MemorySegment library(String file) {
        MemorySegment keptPath = Arena.global().allocateFrom(file);
        MemorySegment out = OUT.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment namespace = arena.allocateFrom("aten");
            MemorySegment key = arena.allocateFrom("CPU");
            int status = (int) LIBRARY.invokeExact(namespace, key, keptPath, 0, out);
            check("aoti_torch_library_init_impl", status);
            return out.get(ADDRESS, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Gives an operator of {@code aten} an implementation, as long as the process lives. */
    static void implement(MemorySegment library, String operator, MemorySegment function) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(operator);
            check("aoti_torch_library_impl", (int) IMPLEMENT.invokeExact(library, name, function));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The stream that libtorch works on now, in this thread. */
    static long currentCudaStream(int device) {
        MemorySegment out = OUT.get();
        try {
            int status = (int) CUDA_STREAM.invokeExact(device, out);
            check(CUDA_STREAM_NAME, status);
            return out.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
