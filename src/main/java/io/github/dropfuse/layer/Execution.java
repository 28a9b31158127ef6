package io.github.dropfuse.layer;

import io.github.dropfuse.Location;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cuda.CudaStream;
import io.github.dropfuse.kernel.CudaLocation;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.Splitter;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * How a layer computes: on which backend, and on which threads. It changes no bit of any result.
 * Immutable.
 *
 * <p>Unless a backend is asked for, tensors in a device's memory are computed on by that device, on
 * its default stream and asynchronously; all others by the host.
 *
 * <p>Equal are executions on the same backend and the same threads: none but the caller's, the
 * common pool, or one executor with as many helpers. Two on a stream are equal only where one was
 * made from the other.
 */
public final class Execution {
    private static final Execution AUTOMATIC =
            new Execution(null, Splitter.COMMON_POOL, Splitter.COMMON_POOL);

    private final Backend backend;
    private final Splitter splitter;

    /** What two splitters are equal by: what they were made of, or one that there is once. */
    private final Object threads;

    private record Threads(Executor executor, int helpers) {}

    private Execution(Backend backend, Splitter splitter, Object threads) {
        boolean splits = backend == null || backend.kernels().place().splits();
        this.backend = backend;
        this.splitter = splits ? splitter : Splitter.NONE;
        this.threads = splits ? threads : Splitter.NONE;
    }

    /**
     * {@return what layers use unless told otherwise: the best backend, and large calls split over
     * the common fork-join pool}
     */
    public static Execution automatic() {
        return AUTOMATIC;
    }

    /**
     * The same threads on a given backend.
     *
     * @param forced one of {@link Backends#all()}
     * @return a new execution
     */
    public Execution on(Backend forced) {
        return new Execution(Objects.requireNonNull(forced, "forced"), splitter, threads);
    }

    /**
     * On a stream of a device: calls return before their work is done. Every tensor has to be in
     * the device's memory or pinned.
     *
     * @param stream does the work, until it is closed
     * @return a new execution
     */
    public Execution on(CudaStream stream) {
        Objects.requireNonNull(stream, "stream");
        return on(new Backend(NativeKernels.onStream(stream.device().index(), stream.handle())));
    }

    /** {@return the same backend in the calling thread alone} */
    public Execution sequential() {
        return new Execution(backend, Splitter.NONE, Splitter.NONE);
    }

    /**
     * The same backend with large calls split over an executor and the calling thread.
     *
     * @param executor runs pieces of large calls
     * @param helpers how many tasks it is given at most, at least 0
     * @return a new execution
     */
    public Execution over(Executor executor, int helpers) {
        Objects.requireNonNull(executor, "executor");
        if (helpers < 0) {
            throw new IllegalArgumentException(
                    "helpers is " + helpers + ", allowed are 0 to 2^31 - 1");
        }
        return new Execution(
                backend, Splitter.over(executor, helpers), new Threads(executor, helpers));
    }

    /**
     * {@return the backend in use for tensors in host memory: the forced one, or the automatic
     * choice}
     */
    public Backend backend() {
        return backend == null ? Backends.automatic() : backend;
    }

    /**
     * This execution where the memory is: unless a backend was asked for, a device's memory is
     * computed on by that device.
     */
    Execution at(Location location) {
        return backend == null && location instanceof CudaLocation cuda && !cuda.isHost()
                ? Backends.onDevice(cuda.device())
                : this;
    }

    /** The same for a call on two tensors. */
    Execution at(Tensor x, Tensor y) {
        return at(x.location().isHost() ? y.location() : x.location());
    }

    /** This execution where it computes on the host's memory, or else the automatic one. */
    Execution onHost() {
        return kernels().place().accesses(Location.HOST) ? this : AUTOMATIC;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Execution that
                && that.backend == backend
                && that.threads.equals(threads);
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(backend) + threads.hashCode();
    }

    Kernels kernels() {
        return backend().kernels();
    }

    Splitter splitter() {
        return splitter;
    }
}
