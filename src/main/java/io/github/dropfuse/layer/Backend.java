package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.CudaKernels;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.StagedCudaKernels;

/** An implementation of the primitives that can run on this machine; see {@link Backends}. */
public final class Backend {
    private final Kernels kernels;

    Backend(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * The backend's name.
     *
     * @return {@code native}, {@code reference} or {@code cuda}
     */
    public String name() {
        return kernels.backend();
    }

    /**
     * The instruction set that it uses.
     *
     * @return such as {@code avx512}, {@code scalar}; {@code java} for the reference, {@code sm_90} of a
     *     CUDA device
     */
    public String tier() {
        return kernels.tier();
    }

    /**
     * The same kernels for tensors in host memory: a device copies them to itself and the results
     * back, call by call. That is for tools which compare and show; what computes on a device has
     * its tensors there.
     *
     * @return a backend for host memory; this one if it is that
     */
    public Backend staged() {
        return kernels instanceof CudaKernels cuda
                ? new Backend(new StagedCudaKernels(cuda))
                : this;
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
