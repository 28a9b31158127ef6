package io.github.dropfuse.kernel;

import io.github.dropfuse.testing.StagedKernels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Named;

/** Every backend and tier of this machine, for parameterized tests. */
final class TestKernels {
    private TestKernels() {}

    static List<Named<Kernels>> all() {
        return BackendRegistry.get().available().stream()
                .map(kernels -> Named.of(name(kernels), kernels))
                .toList();
    }

    /** The same, and the first CUDA device where there is one. */
    static List<Named<Kernels>> allAndCuda() {
        List<Named<Kernels>> kernels = new ArrayList<>(all());
        if (CudaDriver.unavailable().isEmpty()) {
            Kernels cuda = new StagedKernels(0);
            kernels.add(Named.of(name(cuda), cuda));
        }
        return kernels;
    }

    static String name(Kernels kernels) {
        return kernels.place().backend() + "/" + kernels.place().tier();
    }
}
