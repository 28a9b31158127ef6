package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import java.util.concurrent.Executor;

/**
 * How a layer computes: on which backend, and on which threads. It changes no bit of any result.
 * Immutable.
 */
public final class Execution {
    private static final Execution AUTOMATIC = new Execution(null, Splitter.COMMON_POOL);

    private final Backend backend;
    private final Splitter splitter;

    private Execution(Backend backend, Splitter splitter) {
        this.backend = backend;
        this.splitter = splitter;
    }

    /**
     * The best backend, and large calls split over the common fork-join pool.
     *
     * @return what layers use unless told otherwise
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
        return new Execution(forced, splitter);
    }

    /**
     * The same backend in the calling thread alone.
     *
     * @return a new execution
     */
    public Execution sequential() {
        return new Execution(backend, Splitter.NONE);
    }

    /**
     * The same backend with large calls split over an executor and the calling thread.
     *
     * @param executor runs pieces of large calls
     * @param helpers how many tasks it is given at most, at least 0
     * @return a new execution
     * @throws IllegalArgumentException if {@code helpers} is negative
     */
    public Execution over(Executor executor, int helpers) {
        if (helpers < 0) {
            throw new IllegalArgumentException(
                    "helpers is " + helpers + ", allowed are 0 to 2^31 - 1");
        }
        return new Execution(backend, Splitter.over(executor, helpers));
    }

    /**
     * The backend in use.
     *
     * @return the forced one, or the automatic choice
     */
    public Backend backend() {
        return backend == null ? Backends.automatic() : backend;
    }

    Kernels kernels() {
        return backend().kernels();
    }

    Splitter splitter() {
        return splitter;
    }
}
