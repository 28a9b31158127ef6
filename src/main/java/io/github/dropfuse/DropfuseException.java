package io.github.dropfuse;

/**
 * A call into native code or into a device's driver failed, for a reason that lies neither in the
 * arguments nor in a missing backend.
 */
public final class DropfuseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The function that failed. */
    private final String function;

    /** The number that it returned. */
    private final int code;

    /** The number's name. */
    private final String codeName;

    /**
     * Made where a status is checked.
     *
     * @param function the function that failed, such as {@code cuMemAlloc}
     * @param code the number that it returned
     * @param codeName the number's name, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
     * @param text what the library says of it
     */
    public DropfuseException(String function, int code, String codeName, String text) {
        super(function + " failed with " + codeName + " (" + code + "): " + text);
        this.function = function;
        this.code = code;
        this.codeName = codeName;
    }

    /** {@return the name of the function that failed} */
    public String function() {
        return function;
    }

    /** {@return the error code that the function returned} */
    public int code() {
        return code;
    }

    /** {@return the name of {@link #code()}, such as {@code CUDA_ERROR_OUT_OF_MEMORY}} */
    public String codeName() {
        return codeName;
    }
}
