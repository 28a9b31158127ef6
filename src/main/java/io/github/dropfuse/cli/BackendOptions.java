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

    /** Whether a backend was asked for. */
    boolean isAsked() {
        return backend != null || tier != null;
    }

    private Backend backend() {
        if (!isAsked()) {
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
