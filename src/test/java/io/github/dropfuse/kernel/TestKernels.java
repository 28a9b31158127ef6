package io.github.dropfuse.kernel;

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

    static String name(Kernels kernels) {
        return kernels.backend() + "/" + kernels.tier();
    }
}
