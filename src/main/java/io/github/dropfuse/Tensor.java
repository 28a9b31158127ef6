package io.github.dropfuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.StringJoiner;

/**
 * A contiguous, row-major view of memory that somebody else owns: an {@link Arena}, a heap array, a
 * direct buffer, a mapped file. It never copies and frees nothing; it is as alive and as accessible
 * as its memory. Elements may begin at any address.
 *
 * <p>A mapped file must keep its length while it is in use: when another process shortens it during
 * a call of native kernels, the operating system ends the process (SIGBUS).
 *
 * <p>Memory of a device is viewed as well, see {@link #location()}. The host cannot access it, so
 * such a tensor has no {@link #segment()}; {@link #copyTo} and {@link #copyFrom} bring its elements
 * to the host and back.
 */
public final class Tensor {
    private static final int PRINTED_ELEMENTS = 6;

    private final Location location;
    private final MemorySegment segment;
    private final DType dtype;
    private final long[] shape;
    private final long size;

    private Tensor(
            Location location, MemorySegment segment, DType dtype, long[] shape, long size) {
        this.location = location;
        this.segment = segment;
        this.dtype = dtype;
        this.shape = shape;
        this.size = size;
    }

    /**
     * A view of a memory segment.
     *
     * @param segment the elements, in row-major order and the machine's byte order, and nothing
     *     else
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0; none for a scalar
     * @return a tensor that shares the segment's memory
     * @throws IllegalArgumentException if an extent is negative, or the segment's size is not that
     *     of the shape
     */
    public static Tensor of(MemorySegment segment, DType dtype, long... shape) {
        Objects.requireNonNull(segment, "segment");
        return at(Location.HOST, segment, dtype, shape);
    }

    /**
     * A view of memory of a given kind; for device packages, and for memory that another library
     * has allocated on a device.
     *
     * @param location what kind of memory it is
     * @param memory the elements and nothing else; for memory that the host cannot access, a
     *     segment of size 0 whose address is that of the first element, and whose scope is as long
     *     alive as the memory
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0; none for a scalar
     * @return a tensor that shares the memory
     * @throws IllegalArgumentException if an extent is negative, or the segment's size is wrong
     */
    public static Tensor at(Location location, MemorySegment memory, DType dtype, long... shape) {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(memory, "memory");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        long size = sizeOf("shape", extents, Objects.requireNonNull(dtype, "dtype"));
        long needed = location.isHost() ? size * dtype.byteSize() : 0;
        if (memory.byteSize() != needed) {
            throw new IllegalArgumentException(
                    location.isHost()
                            ? "segment has " + memory.byteSize() + " bytes, shape "
                                    + Arrays.toString(extents) + " of " + dtype + " needs exactly "
                                    + needed
                            : "segment has " + memory.byteSize() + " bytes, in " + location
                                    + " it has to have 0");
        }
        return new Tensor(location, memory, dtype, extents, size);
    }

    /**
     * A new tensor of zeros off the heap, aligned to 64 bytes and freed with the arena.
     *
     * @param arena owns the memory
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return the tensor
     * @throws IllegalArgumentException if an extent is negative, the size passes 2^63 - 1 bytes, or
     *     the arena gives another size
     */
    public static Tensor allocate(Arena arena, DType dtype, long... shape) {
        Objects.requireNonNull(arena, "arena");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        long size = sizeOf("shape", extents, Objects.requireNonNull(dtype, "dtype"));
        MemorySegment segment = allocate(arena, size * dtype.byteSize());
        return new Tensor(Location.HOST, segment, dtype, extents, size);
    }

    /** Zeros of an arena, which may be of the caller's own making: those promise less. */
    static MemorySegment allocate(Arena arena, long bytes) {
        MemorySegment segment =
                Objects.requireNonNull(arena.allocate(bytes, 64), "the arena's memory");
        if (segment.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "arena gave " + segment.byteSize() + " bytes, asked for were " + bytes);
        }
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(
                    "arena gave read-only memory, it has to be writable");
        }
        boolean isZero = arena.getClass().getModule() == Arena.class.getModule();
        return isZero ? segment : segment.fill((byte) 0);
    }

    /**
     * A float32 vector of its own, on the heap.
     *
     * @param first its first element
     * @param others the ones after it
     * @return a tensor of one dimension
     */
    public static Tensor of(float first, float... others) {
        float[] elements = new float[Objects.requireNonNull(others, "others").length + 1];
        elements[0] = first;
        System.arraycopy(others, 0, elements, 1, others.length);
        return of(elements, elements.length);
    }

    /**
     * A copy of an array off the heap, float32, aligned to 64 bytes and freed with the arena.
     *
     * @param arena owns the memory
     * @param array the elements in row-major order, all of them
     * @param shape the extent of each dimension
     * @return a tensor that shares nothing with the array
     * @throws IllegalArgumentException if the array's length is not that of the shape
     */
    public static Tensor copyOf(Arena arena, float[] array, long... shape) {
        Objects.requireNonNull(arena, "arena");
        Tensor source = of(array, shape);
        Tensor copy = allocate(arena, DType.FLOAT32, shape);
        copy.copyFrom(source);
        return copy;
    }

    /**
     * A float32 view of a heap array.
     *
     * @param array the elements in row-major order, all of them
     * @param shape the extent of each dimension
     * @return a tensor that shares the array
     * @throws IllegalArgumentException if the array's length is not that of the shape
     */
    public static Tensor of(float[] array, long... shape) {
        Objects.requireNonNull(array, "array");
        return of(MemorySegment.ofArray(array), DType.FLOAT32, shape);
    }

    /**
     * A float64 view of a heap array.
     *
     * @param array the elements in row-major order, all of them
     * @param shape the extent of each dimension
     * @return a tensor that shares the array
     * @throws IllegalArgumentException if the array's length is not that of the shape
     */
    public static Tensor of(double[] array, long... shape) {
        Objects.requireNonNull(array, "array");
        return of(MemorySegment.ofArray(array), DType.FLOAT64, shape);
    }

    /**
     * A float16 or bfloat16 view of a heap array of patterns.
     *
     * @param array the elements' bits in row-major order, all of them
     * @param dtype {@link DType#FLOAT16} or {@link DType#BFLOAT16}
     * @param shape the extent of each dimension
     * @return a tensor that shares the array
     * @throws IllegalArgumentException if the type is wider than 16 bits, or the array's length is
     *     not that of the shape
     */
    public static Tensor of(short[] array, DType dtype, long... shape) {
        Objects.requireNonNull(array, "array");
        if (Objects.requireNonNull(dtype, "dtype").byteSize() != Short.BYTES) {
            throw new IllegalArgumentException(
                    "dtype is " + dtype + ", a short[] holds float16 or bfloat16");
        }
        return of(MemorySegment.ofArray(array), dtype, shape);
    }

    /**
     * A view of a buffer from its position to its limit, such as a direct buffer of another
     * library.
     *
     * @param buffer the elements; its order must be the machine's, as {@code
     *     buffer.order(ByteOrder.nativeOrder())} makes it
     * @param dtype the elements' type
     * @param shape the extent of each dimension
     * @return a tensor that shares the buffer's memory, read-only if the buffer is
     * @throws IllegalArgumentException if the buffer's order is not the machine's, or its remaining
     *     bytes are not those of the shape
     */
    public static Tensor of(ByteBuffer buffer, DType dtype, long... shape) {
        if (Objects.requireNonNull(buffer, "buffer").order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException(
                    "buffer has order " + buffer.order() + ", allowed is the machine's, "
                            + ByteOrder.nativeOrder());
        }
        return of(MemorySegment.ofBuffer(buffer), dtype, shape);
    }

    /**
     * A view of memory of this process at an address, such as another library's tensor. Nothing can
     * be checked of it: the caller answers for the size, and keeps the memory alive and unmoved as
     * long as the tensor is used.
     *
     * @param address of the first element
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return a tensor that shares the memory, accessible to every thread
     * @throws IllegalArgumentException if an extent is negative, the size passes 2^63 - 1 bytes, or
     *     the address is 0 and there are elements
     */
    public static Tensor ofAddress(long address, DType dtype, long... shape) {
        return ofAddress(Location.HOST, address, dtype, shape);
    }

    /**
     * A view of memory of a given kind at an address, on the same conditions.
     *
     * @param location what kind of memory it is
     * @param address of the first element
     * @param dtype the elements' type
     * @param shape the extent of each dimension, at least 0
     * @return a tensor that shares the memory
     * @throws IllegalArgumentException if an extent is negative, the size passes 2^63 - 1 bytes, or
     *     the address is 0 and there are elements
     */
    public static Tensor ofAddress(Location location, long address, DType dtype, long... shape) {
        Objects.requireNonNull(location, "location");
        long[] extents = Objects.requireNonNull(shape, "shape").clone();
        long bytes =
                sizeOf("shape", extents, Objects.requireNonNull(dtype, "dtype")) * dtype.byteSize();
        if (address == 0 && bytes > 0) {
            throw new IllegalArgumentException(
                    "address is 0, for " + bytes + " bytes allowed is that of the first element");
        }
        MemorySegment memory = MemorySegment.ofAddress(address);
        return at(location, location.isHost() ? memory.reinterpret(bytes) : memory, dtype, extents);
    }

    /**
     * The memory that this tensor views.
     *
     * @return all elements and nothing else
     * @throws UnsupportedOperationException if the host cannot access it
     */
    public MemorySegment segment() {
        if (!location.isHost()) {
            throw new UnsupportedOperationException(
                    "the tensor is in " + location + ", which the host cannot access; copyTo a"
                            + " tensor in host memory");
        }
        return segment;
    }

    /**
     * The memory for calls of native code that take an address.
     *
     * @return {@link #segment()}; of memory that the host cannot access a segment of size 0, with
     *     the first element's address and the memory's scope
     */
    public MemorySegment address() {
        return segment;
    }

    /**
     * {@return the kind of memory that this tensor views: {@link Location#HOST} unless a device's
     * driver has allocated it}
     */
    public Location location() {
        return location;
    }

    /**
     * Copies all elements of another tensor into this one, wherever the two live. Returns when the
     * copy is done.
     *
     * @param source a tensor of the same type and shape, in other memory
     * @throws IllegalArgumentException if type or shape differ, this tensor is read-only, or the
     *     two are of different devices
     */
    public void copyFrom(Tensor source) {
        Objects.requireNonNull(source, "source").copyTo(this);
    }

    /**
     * Copies all elements of this tensor into another one, wherever the two live. Returns when the
     * copy is done.
     *
     * @param target a tensor of the same type and shape, in other memory
     * @throws IllegalArgumentException if type or shape differ, the target is read-only, or the two
     *     are of different devices
     */
    public void copyTo(Tensor target) {
        Objects.requireNonNull(target, "target");
        if (target.dtype != dtype || !hasShapeOf(target)) {
            throw new IllegalArgumentException(
                    "target is " + target.dtype + " " + Arrays.toString(target.shape)
                            + ", allowed is the source's " + dtype + " " + Arrays.toString(shape));
        }
        checkWritable("target", target.segment);
        Location active = location == Location.HOST ? target.location : location;
        active.copy(segment, location, target.segment, target.location, byteSize());
    }

    /**
     * Writes the values of all elements into a tensor of another type, rounded as {@link DType#set}
     * does. Both are in host memory, unless their types are equal.
     *
     * @param target a tensor of the same shape, in other memory
     * @throws IllegalArgumentException if the shape differs, or the target is read-only or overlaps
     *     this tensor
     * @throws UnsupportedOperationException if the types differ and the host cannot access one of
     *     the two
     */
    public void convertTo(Tensor target) {
        Objects.requireNonNull(target, "target");
        if (!hasShapeOf(target)) {
            throw new IllegalArgumentException(
                    "target is " + Arrays.toString(target.shape) + ", allowed is the source's "
                            + Arrays.toString(shape));
        }
        if (target.dtype == dtype) {
            copyTo(target);
            return;
        }
        checkWritable("target", target.segment());
        MemorySegment from = segment();
        if (from.asOverlappingSlice(target.segment).isPresent()) {
            throw new IllegalArgumentException(
                    "target overlaps the source, allowed is memory apart from it");
        }
        for (long i = 0; i < size; i++) {
            target.dtype.set(
                    target.segment,
                    i * target.dtype.byteSize(),
                    dtype.get(from, i * dtype.byteSize()));
        }
    }

    /**
     * The values of all elements, wherever they are; float64 is rounded to the nearest float32.
     *
     * @return a new array in row-major order
     * @throws IllegalStateException if there are more elements than an array holds
     */
    public float[] toFloatArray() {
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(
                    "the tensor has " + size + " elements, an array holds at most "
                            + (Integer.MAX_VALUE - 8));
        }
        float[] values = new float[(int) size];
        Tensor array = of(values, shape);
        if (location.isHost() || dtype == DType.FLOAT32) {
            convertTo(array);
        } else {
            try (Arena arena = Arena.ofConfined()) {
                Tensor host = allocate(arena, dtype, shape);
                copyTo(host);
                host.convertTo(array);
            }
        }
        return values;
    }

    /**
     * Writes one value to all elements, rounded as {@link DType#set} does.
     *
     * @param value the value
     * @throws IllegalArgumentException if the memory is read-only
     * @throws UnsupportedOperationException if the host cannot access it
     */
    public void fill(double value) {
        checkWritable("tensor", segment());
        if (Double.doubleToRawLongBits(value) == 0) { // +0 has no bits in any type
            segment.fill((byte) 0);
            return;
        }
        for (long i = 0; i < size; i++) {
            dtype.set(segment, i * dtype.byteSize(), value);
        }
    }

    private static void checkWritable(String name, MemorySegment memory) {
        if (memory.isReadOnly()) {
            throw new IllegalArgumentException(name + " is read-only, it has to be writable");
        }
    }

    /** {@return the elements' type} */
    public DType dtype() {
        return dtype;
    }

    /** {@return the extents of all dimensions, in a new array} */
    public long[] shape() {
        return shape.clone();
    }

    /** {@return the number of dimensions, 0 for a scalar} */
    public int rank() {
        return shape.length;
    }

    /**
     * The extent of one dimension.
     *
     * @param dimension 0 to {@code rank() - 1}
     * @return its extent
     * @throws IndexOutOfBoundsException if there is no such dimension
     */
    public long extent(int dimension) {
        return shape[dimension];
    }

    /** {@return the number of elements: the product of the extents, 1 for a scalar} */
    public long size() {
        return size;
    }

    /** {@return the size in bytes} */
    public long byteSize() {
        return size * dtype.byteSize();
    }

    /**
     * Whether two tensors agree in every extent, their types aside.
     *
     * @param other another tensor
     * @return true if the shapes are equal
     */
    public boolean hasShapeOf(Tensor other) {
        long[] extents = Objects.requireNonNull(other, "other").shape;
        boolean same = extents.length == shape.length;
        for (int d = 0; same && d < shape.length; d++) {
            same = extents[d] == shape[d];
        }
        return same;
    }

    /**
     * Whether this tensor has the given extents.
     *
     * @param extents of all dimensions; null is no shape
     * @return true if the shapes are equal
     */
    public boolean hasShape(long... extents) {
        return Arrays.equals(shape, extents);
    }

    /**
     * The same memory under another shape.
     *
     * @param newShape extents with the same product; one of them may be -1, for what is left by the
     *     others
     * @return a tensor that shares this one's memory
     * @throws IllegalArgumentException if the product differs, or what is -1 cannot be told from it
     */
    public Tensor reshape(long... newShape) {
        long[] extents = completed(Objects.requireNonNull(newShape, "newShape").clone());
        long newSize = sizeOf("shape", extents, dtype);
        if (newSize != size) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(extents) + " has " + newSize
                            + " elements, allowed is " + Arrays.toString(shape) + "'s " + size);
        }
        return new Tensor(location, segment, dtype, extents, size);
    }

    /** Puts what the other extents leave in the place of one that is -1. */
    private long[] completed(long[] extents) {
        int open = -1;
        for (int d = 0; d < extents.length; d++) {
            if (extents[d] == -1) {
                if (open >= 0) {
                    throw new IllegalArgumentException(
                            "shape " + Arrays.toString(extents) + " has several -1, allowed is one");
                }
                open = d;
            }
        }
        if (open >= 0) {
            long[] others = extents.clone();
            others[open] = 1;
            long product = sizeOf("shape", others, null);
            if (product == 0 || size % product != 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(extents) + " has " + product
                                + " elements beside its -1, which has to divide "
                                + Arrays.toString(shape) + "'s " + size);
            }
            extents[open] = size / product;
        }
        return extents;
    }

    /**
     * Some of the first dimension's entries, such as a worker's share of a batch.
     *
     * @param from the first entry, at least 0
     * @param to past the last entry, at most {@code extent(0)}
     * @return a tensor of {@code to - from} entries that shares this one's memory
     * @throws IndexOutOfBoundsException if the range is not within the first dimension
     */
    public Tensor slice(long from, long to) {
        if (shape.length == 0) {
            throw new IndexOutOfBoundsException("a scalar has no dimension to slice");
        }
        Objects.checkFromToIndex(from, to, shape[0]);
        long rowBytes = shape[0] == 0 ? 0 : byteSize() / shape[0];
        long[] part = shape.clone();
        part[0] = to - from;
        MemorySegment rows =
                location.isHost()
                        ? segment.asSlice(from * rowBytes, (to - from) * rowBytes)
                        : segment.reinterpret(byteSize()).asSlice(from * rowBytes, 0);
        return at(location, rows, dtype, part);
    }

    /**
     * Reads one element.
     *
     * @param index its place in row-major order, 0 to {@code size() - 1}
     * @return its value, widened without loss
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public double get(long index) {
        return dtype.get(segment(), Objects.checkIndex(index, size) * dtype.byteSize());
    }

    /**
     * Reads one element by its indices.
     *
     * @param indices one for each dimension, 0 to its extent less 1; a single argument calls {@link
     *     #get(long)}
     * @return its value, widened without loss
     * @throws IllegalArgumentException if there are not as many indices as dimensions
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public double get(long... indices) {
        return get(place(Objects.requireNonNull(indices, "indices")));
    }

    /**
     * Writes one element by its indices, rounded as {@link DType#set} does.
     *
     * @param indices one for each dimension, 0 to its extent less 1
     * @param value the value
     * @throws IllegalArgumentException if there are not as many indices as dimensions, or the memory
     *     is read-only
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public void set(long[] indices, double value) {
        set(place(Objects.requireNonNull(indices, "indices")), value);
    }

    private long place(long[] indices) {
        if (indices.length != shape.length) {
            throw new IllegalArgumentException(
                    "indices are " + indices.length + ", allowed is one for each of "
                            + shape.length + " dimensions");
        }
        long place = 0;
        for (int d = 0; d < shape.length; d++) {
            place = place * shape[d] + Objects.checkIndex(indices[d], shape[d]);
        }
        return place;
    }

    /**
     * Writes one element, rounded as {@link DType#set} does.
     *
     * @param index its place in row-major order, 0 to {@code size() - 1}
     * @param value the value
     * @throws IndexOutOfBoundsException if there is no such element
     * @throws IllegalArgumentException if the memory is read-only
     */
    public void set(long index, double value) {
        dtype.set(
                segment(), Objects.checkIndex(index, size) * dtype.byteSize(), value);
    }

    /** The number of elements, which fit into memory where there is a type. */
    static long sizeOf(String name, long[] shape, DType dtype) {
        boolean empty = false;
        for (int d = 0; d < shape.length; d++) {
            if (shape[d] < 0) {
                throw new IllegalArgumentException(
                        name + "[" + d + "] is " + shape[d] + ", allowed are 0 to 2^63 - 1");
            }
            empty |= shape[d] == 0;
        }
        if (empty) {
            return 0;
        }
        try {
            long size = 1;
            for (long extent : shape) {
                size = Math.multiplyExact(size, extent);
            }
            Math.multiplyExact(size, dtype == null ? 1L : dtype.byteSize());
            return size;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    name + " " + Arrays.toString(shape)
                            + (dtype == null ? "" : " of " + dtype) + " has more than 2^63 - 1 "
                            + (dtype == null ? "elements" : "bytes"),
                    e);
        }
    }

    /** Type, shape, kind of memory, and the first elements where they can be read. */
    @Override
    public String toString() {
        if (!location.isHost()) {
            return "Tensor[" + dtype + " " + Arrays.toString(shape) + ", " + location
                    + (segment.scope().isAlive() ? "]" : ", closed]");
        }
        String memory =
                segment.isMapped() ? "mapped" : segment.isNative() ? "native" : "heap";
        return "Tensor[" + dtype + " " + Arrays.toString(shape) + ", " + memory
                + (segment.isReadOnly() ? ", read-only" : "") + ", " + contents() + "]";
    }

    private String contents() {
        if (!segment.scope().isAlive()) {
            return "closed";
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            return "of another thread";
        }
        StringJoiner values = new StringJoiner(", ", "{", "}");
        for (long i = 0; i < Math.min(size, PRINTED_ELEMENTS); i++) {
            double value = get(i);
            values.add(
                    dtype == DType.FLOAT64 ? Double.toString(value) : Float.toString((float) value));
        }
        if (size > PRINTED_ELEMENTS) {
            values.add("…");
        }
        return values.toString();
    }
}
