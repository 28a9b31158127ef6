package io.github.dropfuse.cuda;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.kernel.CudaDriver;
import io.github.dropfuse.kernel.CudaHandles;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where CUDA begins. The driver is {@code libcuda.so.1}, on Windows {@code nvcuda.dll}, or the
 * library that the property {@value #DRIVER_PROPERTY} or else the environment variable {@value
 * #DRIVER_VARIABLE} names; it is loaded at the first call of this class. Nothing else of CUDA has to
 * be installed.
 *
 * <pre>{@code
 * CudaDevice device = Cuda.device(0);
 * try (Arena arena = Arena.ofConfined();
 *         CudaStream stream = device.createStream()) {
 *     Tensor x = device.allocate(arena, DType.FLOAT32, 64, 197, 768);
 *     stream.copy(host, x);
 *     new Dropout(0.1).with(Execution.automatic().on(stream)).forward(x, x, state);
 *     stream.synchronize();
 * }
 * }</pre>
 *
 * <p>A device whose context has met a fault in a kernel refuses everything from then on, until the
 * process ends: the exception's text says so. The primary context is used, which other CUDA libraries
 * of the process share.
 */
public final class Cuda {
    /** Property that holds the path of the driver's library. */
    public static final String DRIVER_PROPERTY = CudaDriver.PATH_PROPERTY;

    /** Environment variable that holds it where the property is not set. */
    public static final String DRIVER_VARIABLE = CudaDriver.PATH_VARIABLE;

    private Cuda() {}

    /**
     * The devices of this machine.
     *
     * @return in the driver's order; empty where there is no CUDA, and {@link #unavailable} says why
     * @throws IllegalArgumentException if the property or the variable of the driver names none
     * @throws DropfuseException if the driver fails
     */
    public static List<CudaDevice> devices() {
        if (unavailable().isPresent()) {
            return List.of();
        }
        return IntStream.range(0, CudaHandles.deviceCount()).mapToObj(CudaDevice::new).toList();
    }

    /**
     * One device.
     *
     * @param index 0 to the number of devices - 1
     * @return the device
     * @throws IllegalArgumentException if there is no such device, or the property or the variable of
     *     the driver names none
     * @throws UnsupportedOperationException if there is no CUDA here, with the reason
     * @throws DropfuseException if the driver fails
     */
    public static CudaDevice device(int index) {
        int count = CudaHandles.deviceCount();
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(
                    "device is " + index + ", allowed are 0 to " + (count - 1));
        }
        return new CudaDevice(index);
    }

    /**
     * Why there is no CUDA here.
     *
     * @return a sentence; empty if there are devices
     * @throws IllegalArgumentException if the property or the variable of the driver names none
     * @throws DropfuseException if the driver fails to start
     */
    public static Optional<String> unavailable() {
        return CudaDriver.unavailable();
    }

    /**
     * The newest version of CUDA that the driver supports.
     *
     * @return 1000 times the major plus 10 times the minor number, such as 13000
     * @throws IllegalArgumentException if the property or the variable of the driver names none
     * @throws UnsupportedOperationException if there is no CUDA here, with the reason
     * @throws DropfuseException if the driver fails
     */
    public static int driverVersion() {
        return CudaHandles.driverVersion();
    }
}
