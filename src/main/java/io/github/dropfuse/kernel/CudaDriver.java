package io.github.dropfuse.kernel;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.ffi.dropfuse_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The CUDA driver of this process: opened at the first call that asks for it, closed when the
 * process ends or the native library is unloaded. Where there is none the reason is kept; a driver
 * that fails is asked again the next time.
 */
public final class CudaDriver {
    /** Property that holds the path of the driver's library. */
    public static final String PATH_PROPERTY = "dropfuse.cuda.driver";

    /** Environment variable that holds it where the property is not set. */
    public static final String PATH_VARIABLE = "DROPFUSE_CUDA_DRIVER";

    private static final Runnable CLOSE = dropfuse_h::dropfuse_cuda_close;
    private static final Object OPENING = new Object();
    private static volatile boolean open;
    private static volatile String missing;

    private CudaDriver() {}

    /**
     * Opens the driver if that has not been done.
     *
     * @throws UnsupportedOperationException if there is no CUDA here, with the reason
     * @throws IllegalArgumentException if the property or the variable names no driver
     * @throws DropfuseException if the driver fails to start
     */
    public static void require() {
        if (open) {
            return;
        }
        unavailable()
                .ifPresent(
                        why -> {
                            throw new UnsupportedOperationException(why);
                        });
    }

    /**
     * Why there is no CUDA here.
     *
     * @return a sentence; empty if the driver is there and has devices
     * @throws IllegalArgumentException if the property or the variable names no driver
     * @throws DropfuseException if the driver fails to start
     */
    public static Optional<String> unavailable() {
        synchronized (OPENING) {
            if (!open && missing == null) {
                missing = open();
                open = missing == null;
                if (open) {
                    ExitHook.add(CLOSE);
                }
            }
            return Optional.ofNullable(missing);
        }
    }

    private static String open() {
        if (NativeLibrary.get().source().isEmpty()) {
            return "no native library: " + String.join("; ", NativeLibrary.get().failures());
        }
        String property = System.getProperty(PATH_PROPERTY, "");
        String name = property.isEmpty() ? PATH_VARIABLE : PATH_PROPERTY;
        String path = property.isEmpty() ? System.getenv(PATH_VARIABLE) : property;
        int status;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text =
                    path == null || path.isEmpty() ? MemorySegment.NULL : arena.allocateFrom(path);
            status = dropfuse_h.dropfuse_cuda_open(text);
        }
        if (status == dropfuse_h.DROPFUSE_INVALID_ARGUMENT()) {
            throw new IllegalArgumentException(
                    name + " is " + path + ", allowed is the path of a CUDA driver's library: "
                            + dropfuse_h.dropfuse_last_error().getString(0));
        }
        if (status == dropfuse_h.DROPFUSE_UNSUPPORTED()) {
            return dropfuse_h.dropfuse_last_error().getString(0);
        }
        check("dropfuse_cuda_open", status);
        return null;
    }

    /**
     * Turns a status into an exception.
     *
     * @param function what returned it
     * @param status a {@code dropfuse_status}
     */
    static void check(String function, int status) {
        if (status == dropfuse_h.DROPFUSE_OK()) {
            return;
        }
        String text = dropfuse_h.dropfuse_last_error().getString(0);
        if (status == dropfuse_h.DROPFUSE_CUDA_FAILED()) {
            throw new DropfuseException(
                    dropfuse_h.dropfuse_cuda_error_function().getString(0),
                    dropfuse_h.dropfuse_cuda_error_code(),
                    dropfuse_h.dropfuse_cuda_error_name().getString(0),
                    text);
        }
        if (status == dropfuse_h.DROPFUSE_INVALID_ARGUMENT()) {
            throw new IllegalArgumentException(function + ": " + text);
        }
        throw new UnsupportedOperationException(text);
    }
}
