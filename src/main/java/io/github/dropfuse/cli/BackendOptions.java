package io.github.dropfuse.cli;

import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import picocli.CommandLine.Option;

/** Where a command computes. */
final class BackendOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            description = "native or reference (default: the best one here).")
    private String backend;

    @Option(
            names = "--tier",
            paramLabel = "NAME",
            description = "The backend's instruction set, such as scalar (default: its best one).")
    private String tier;

    /** The best backend, or the one that was asked for. */
    Execution execution() {
        return Execution.automatic().on(UsageException.check(this::backend));
    }

    private Backend backend() {
        if (backend == null && tier == null) {
            return Backends.automatic();
        }
        if (backend == null) {
            return Backends.all().stream()
                    .filter(candidate -> candidate.tier().equals(tier))
                    .findFirst()
                    .orElseGet(() -> Backends.named("native/" + tier));
        }
        return Backends.named(tier == null ? backend : backend + "/" + tier);
    }
}
