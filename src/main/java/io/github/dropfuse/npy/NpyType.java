package io.github.dropfuse.npy;

import io.github.dropfuse.DType;
import java.util.Locale;

/** The element types that are read from {@code .npy} files. */
public enum NpyType {
    /** NumPy's float16. */
    FLOAT16("f2", DType.FLOAT16, 2),
    /** NumPy's float32. */
    FLOAT32("f4", DType.FLOAT32, 4),
    /** NumPy's float64. */
    FLOAT64("f8", DType.FLOAT64, 8),
    /** NumPy's uint8, such as pixels; converted to float32. */
    UINT8("u1", DType.FLOAT32, 1),
    /** The bits of bfloat16 in NumPy's uint16; read as such only when it is asked for. */
    BFLOAT16("u2", DType.BFLOAT16, 2);

    private final String code;
    private final DType dtype;
    private final int byteSize;

    NpyType(String code, DType dtype, int byteSize) {
        this.code = code;
        this.dtype = dtype;
        this.byteSize = byteSize;
    }

    /**
     * The tensor type that elements are read as.
     *
     * @return the type itself; float32 for uint8
     */
    public DType dtype() {
        return dtype;
    }

    /**
     * The size of an element in the file.
     *
     * @return bytes per element
     */
    public int byteSize() {
        return byteSize;
    }

    /** Kind and size as NumPy's {@code descr} has them, after the byte order. */
    String code() {
        return code;
    }

    /** The type that a dtype is written as. */
    static NpyType of(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> FLOAT16;
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case BFLOAT16 -> BFLOAT16;
        };
    }

    /** NumPy's name, such as {@code float32}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
