package io.github.dropfuse.npy;

import java.io.IOException;

/** A file is not an {@code .npy} file, is damaged, or holds what cannot be read as a tensor. */
public final class NpyFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Made where the file is read.
     *
     * @param file the file's name
     * @param fault what is wrong with it
     */
    public NpyFormatException(String file, String fault) {
        super(file + ": " + fault);
    }
}
