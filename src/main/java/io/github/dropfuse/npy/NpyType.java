package io.github.dropfuse.npy;

import io.github.dropfuse.DType;
import java.util.Set;

/** The element types that are read from {@code .npy} files. */
public enum NpyType {
    /** NumPy's float16. */
    FLOAT16(DType.FLOAT16, 2, Set.of("f2", "e"), Set.of("float16", "half")),
    /** NumPy's float32. */
    FLOAT32(DType.FLOAT32, 4, Set.of("f4", "f"), Set.of("float32", "single")),
    /** NumPy's float64. */
    FLOAT64(DType.FLOAT64, 8, Set.of("f8", "d"), Set.of("float64", "double", "float", "float_")),
    /** NumPy's uint8, such as pixels; converted to float32. */
    UINT8(DType.FLOAT32, 1, Set.of("u1", "B"), Set.of("uint8", "ubyte")),
    /** The bits of bfloat16 in NumPy's uint16; read as such only when it is asked for. */
    BFLOAT16(DType.BFLOAT16, 2, Set.of("u2", "H"), Set.of("uint16", "ushort")),
    /** The bits of bfloat16 in two raw bytes, as the Python package ml_dtypes has them saved. */
    ML_BFLOAT16(DType.BFLOAT16, 2, Set.of("V2"), Set.of("bfloat16"));

    private final DType dtype;
    private final int byteSize;
    private final Set<String> codes;
    private final Set<String> names;

    NpyType(DType dtype, int byteSize, Set<String> codes, Set<String> names) {
        this.dtype = dtype;
        this.byteSize = byteSize;
        this.codes = codes;
        this.names = names;
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

    /**
     * The type that results are written as.
     *
     * @return float32 for uint8, or else this type
     */
    public NpyType ofResults() {
        return this == UINT8 ? FLOAT32 : this;
    }

    /** Whether a text means this type, in any byte order. */
    boolean isMeantBy(Descr descr) {
        return names.contains(descr.text()) || codes.contains(descr.code());
    }

    /** Kind and size as NumPy writes them, after the byte order. */
    String code() {
        char kind =
                switch (this) {
                    case FLOAT16, FLOAT32, FLOAT64 -> 'f';
                    case UINT8, BFLOAT16 -> 'u';
                    case ML_BFLOAT16 -> 'V';
                };
        return kind + Integer.toString(byteSize);
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

    /** NumPy's name, such as {@code float32}; bfloat16 for its bits. */
    @Override
    public String toString() {
        return this == UINT8 ? "uint8" : dtype.toString();
    }
}
