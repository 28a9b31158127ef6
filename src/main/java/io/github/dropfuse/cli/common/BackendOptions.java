package io.github.dropfuse.cli.common;

import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where a command computes. */
public final class BackendOptions {
    @Option(
            names = "--backend",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description = "native, java, reference or cuda (default: the best one of the host).")
    private String backend;

    @Option(
            names = "--tier",
            paramLabel = "NAME",
            description = "The backend's instruction set, such as scalar (default: its best one).")
    private String tier;

    @Option(
            names = "--device",
            paramLabel = "N",
            description = "The CUDA device (default: 0).")
    private Integer device;

    /** What a shell offers. */
    private static final class Names extends Words<String> {
        Names() {
            super(List.of("native", "java", "reference", "cuda"), Function.identity());
        }
    }

    /** The best backend, or the one that was asked for. */
    public Staging staging() {
        if (device != null && !"cuda".equals(backend)) {
            throw new UsageException("--device is for --backend cuda");
        }
        if (tier != null && "cuda".equals(backend)) {
            throw new UsageException("--tier is for --backend native, java and reference");
        }
        return cuda().map(Staging::on)
                .orElseGet(() -> Staging.on(UsageException.check(this::backend)));
    }

    /**
     * What was asked for, or else all of some.
     *
     * @param all gives them
     */
    public List<Staging> orAll(Supplier<List<Staging>> all) {
        if (isAsked()) {
            return List.of(staging());
        }
        UsageException.check(Backends::automatic); // Refuses and warns, as for one backend.
        return UsageException.check(all);
    }

    /** Whether a backend was asked for. */
    private boolean isAsked() {
        return backend != null || tier != null || device != null;
    }

    /** The device, if CUDA was asked for. */
    public Optional<CudaDevice> cuda() {
        return "cuda".equals(backend)
                ? Optional.of(UsageException.check(this::cudaDevice))
                : Optional.empty();
    }

    private CudaDevice cudaDevice() {
        Backends.require(device == null ? backend : backend + ":" + device);
        return Cuda.device(device == null ? 0 : device);
    }

    private Backend backend() {
        if (!isAsked()) {
            return Backends.automatic();
        }
        if (backend == null) {
            return Backends.all().stream()
                    .filter(candidate -> candidate.tier().equals(tier))
                    .findFirst()
                    .orElseGet(() -> Backends.require("native/" + tier));
        }
        return Backends.require(tier == null ? backend : backend + "/" + tier);
    }
}
