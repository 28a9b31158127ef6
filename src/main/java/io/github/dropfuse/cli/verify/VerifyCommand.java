package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dropfuse verify}. */
@Command(
        name = "verify",
        description = {
            "Compare every backend and tier of this machine with the reference, bit for bit, over"
                    + " random calls of every layer, forward and backward: shapes, types,"
                    + " alignments, probabilities, stored masks, shards, in place and not.",
            "Exits 1 on the first difference, and says how to repeat it."
        })
public final class VerifyCommand implements Callable<Integer> {
    private final Supplier<List<Backend>> all;

    @Spec private CommandSpec spec;
    @Mixin private BackendOptions backend;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "How long to go on (default ${DEFAULT-VALUE}); longer if that is not enough to call"
                            + " every layer once.")
    private double seconds;

    @Option(
            names = "--seed",
            paramLabel = "S",
            converter = Numbers.Any64.class,
            description = "Seed of the calls (default: a new one each time, printed).")
    private Long seed;

    @Option(
            names = "--case",
            paramLabel = "N",
            converter = Numbers.Unsigned63.class,
            description = "Only the call of this number; not with --layer.")
    private Long number;

    @Option(
            names = "--layer",
            paramLabel = "NAME",
            converter = VerifyLayer.Converter.class,
            description = "Only the calls of one layer (default: all in turn): ${COMPLETION-CANDIDATES}.")
    private VerifyLayer layer;

    /** Verifies this machine's backends. */
    VerifyCommand() {
        this(Backends::allStaged);
    }

    VerifyCommand(Supplier<List<Backend>> all) {
        this.all = all;
    }

    @Override
    public Integer call() {
        if (!(seconds >= 0)) {
            throw new UsageException("seconds is " + seconds + ", allowed are 0 and more");
        }
        if (number != null && layer != null) {
            throw new UsageException("--case and --layer exclude each other");
        }
        List<Backend> backends =
                backend.isAsked() ? List.of(backend.execution().backend()) : all.get();
        long used = seed == null ? new SecureRandom().nextLong() : seed;
        return verify(backends, used);
    }

    /** Verifies some backends; exit code 1 if one of them differs. */
    private int verify(List<Backend> backends, long used) {
        PrintWriter out = spec.commandLine().getOut();
        String names = backends.stream().map(Backend::toString).collect(Collectors.joining(", "));
        out.println("seed=" + used + ": " + names + " against the reference");
        out.flush();
        return number == null
                ? verifyFor((long) (seconds * 1e9), backends, used)
                : verifyOne(backends, used);
    }

    private int verifyOne(List<Backend> backends, long used) {
        PrintWriter out = spec.commandLine().getOut();
        VerifyCase task = VerifyCase.random(used, number);
        out.println("case " + number + ": " + task);
        VerifySummary summary = new VerifySummary(backends);
        Optional<String> difference = difference(task, backends, summary);
        if (difference.isPresent()) {
            out.println("difference: " + difference.get());
            return 1;
        }
        summary.print(out);
        return 0;
    }

    private int verifyFor(long nanos, List<Backend> backends, long used) {
        PrintWriter out = spec.commandLine().getOut();
        VerifySummary summary = new VerifySummary(backends);
        int layers = VerifyLayer.values().length;
        long step = layer == null ? 1 : layers;
        long begun = System.nanoTime();
        long last = begun;
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "verify", nanos)) {
            for (long n = layer == null ? 0 : layer.ordinal();
                    n < layers || last - begun < nanos;
                    n += step) {
                VerifyCase task = VerifyCase.random(used, n);
                Optional<String> difference = difference(task, backends, summary);
                if (difference.isPresent()) {
                    out.println("difference: " + difference.get() + "; case " + n + ", " + task);
                    out.println("repeat with: dropfuse verify --seed " + used + " --case " + n);
                    return 1;
                }
                long now = System.nanoTime();
                progress.add(now - last);
                last = now;
            }
        }
        summary.print(out);
        return 0;
    }

    private static Optional<String> difference(
            VerifyCase task, List<Backend> backends, VerifySummary summary) {
        try (Verifier verifier = new Verifier(task)) {
            for (Backend backend : backends) {
                Optional<String> difference = verifier.compare(backend);
                if (difference.isPresent()) {
                    return difference;
                }
            }
        }
        summary.count(task.layer());
        return Optional.empty();
    }
}
