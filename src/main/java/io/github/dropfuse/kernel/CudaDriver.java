package io.github.dropfuse.kernel;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.ffi.dropfuse_h;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The CUDA driver of this process: opened at the first call that asks for it, closed when the
 * process ends or the native library is unloaded. Where there is none the reason is kept; a driver
 * that fails is asked again the next time.
 */
public final class CudaDriver {
    /** Property that holds the path of the driver's library. */
    public static final String PATH_PROPERTY = "dropfuse.cuda.driver";

    /** The kernels, in a jar of their own. */
    private static final String IMAGE = "META-INF/native/cuda/kernels.image";

    /** Environment variable that holds it where the property is not set. */
    public static final String PATH_VARIABLE = "DROPFUSE_CUDA_DRIVER";

    private static final long IMAGE_ALIGNMENT = 64;

    private static final Runnable CLOSE = dropfuse_h::dropfuse_cuda_close;
    private static final Object OPENING = new Object();
    private static volatile boolean open;
    private static volatile String missing;

    /** Of an open driver, which reads them for as long as this class is there. */
    private static MemorySegment kernels;

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
        MemorySegment image;
        try {
            image = image();
        } catch (IOException e) {
            return "no CUDA kernels: " + IMAGE + " cannot be read: " + e;
        }
        if (image == null) {
            return "no CUDA kernels: they are in io.github.dropfuse:dropfuse-cuda, which is neither"
                    + " on the class path nor a required module; a build from source makes them where"
                    + " nvcc is found";
        }
        String property = System.getProperty(PATH_PROPERTY, "");
        String name = property.isEmpty() ? PATH_VARIABLE : PATH_PROPERTY;
        String path = property.isEmpty() ? System.getenv(PATH_VARIABLE) : property;
        int status;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text =
                    path == null || path.isEmpty() ? MemorySegment.NULL : arena.allocateFrom(path);
            status = dropfuse_h.dropfuse_cuda_open(text, image, image.byteSize());
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
        kernels = image;
        return null;
    }

    /** The kernels in native memory; null if no jar or module has them. */
    private static MemorySegment image() throws IOException {
        ClassLoader loader = CudaDriver.class.getClassLoader();
        try (InputStream in =
                loader == null
                        ? ClassLoader.getSystemResourceAsStream(IMAGE)
                        : loader.getResourceAsStream(IMAGE)) {
            if (in == null) {
                return null;
            }
            byte[] image = in.readAllBytes();
            MemorySegment copy = Arena.ofAuto().allocate(image.length, IMAGE_ALIGNMENT);
            MemorySegment.copy(image, 0, copy, ValueLayout.JAVA_BYTE, 0, image.length);
            return copy;
        }
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
