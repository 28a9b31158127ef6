package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.Kernels;

/** An implementation of the primitives that can run on this machine; see {@link Backends}. */
public final class Backend {
    private final Kernels kernels;

    Backend(Kernels kernels) {
        this.kernels = kernels;
    }

    /** {@return the backend's name: {@code native}, {@code java}, {@code reference} or {@code cuda}} */
    public String name() {
        return kernels.place().backend();
    }

    /**
     * {@return the instruction set in use, such as {@code avx512} or {@code scalar}; {@code jit} for
     * the backend java, {@code java} for the reference, {@code sm_90} of a CUDA device}
     */
    public String tier() {
        return kernels.place().tier();
    }

    Kernels kernels() {
        return kernels;
    }

    /** Name and tier, such as {@code native/avx512}. */
    @Override
    public String toString() {
        return name() + "/" + tier();
    }
}
