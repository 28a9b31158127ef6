package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                    + " alignments, probabilities, stored masks, boxes of larger tensors, parts, in"
                    + " place and not; native tiers also in other floating-point modes.",
            "Exits 1 on the first difference, and says how to repeat it."
        })
public final class VerifyCommand implements Callable<Integer> {
    private final Supplier<List<Staging>> all;

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
            converter = Subject.Names.class,
            completionCandidates = Subject.Names.class,
            description = "Only the calls of one layer (default: all in turn): ${COMPLETION-CANDIDATES}.")
    private Subject layer;

    /** Verifies this machine's backends. */
    VerifyCommand() {
        this(Staging::all);
    }

    VerifyCommand(Supplier<List<Staging>> all) {
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
        List<Staging> backends = backend.orAll(all);
        long used = seed == null ? new SecureRandom().nextLong() : seed;
        return verify(backends, used);
    }

    /** Compares call by call; exit code 1 at the first that differs. */
    private int verify(List<Staging> backends, long used) {
        PrintWriter out = spec.commandLine().getOut();
        String names = backends.stream().map(Staging::toString).collect(Collectors.joining(", "));
        out.println("seed=" + used + ": " + names + " against the reference");
        out.flush();
        Map<Subject, Long> calls = new LinkedHashMap<>();
        int subjects = Subject.ALL.size();
        long first = number != null ? number : layer == null ? 0 : Subject.ALL.indexOf(layer);
        long step = layer == null ? 1 : subjects;
        long nanos = (long) (seconds * 1e9);
        long begun = System.nanoTime();
        long last = begun;
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "verify", nanos)) {
            for (long n = first;
                    n == first || number == null && (n < subjects || last - begun < nanos);
                    n += step) {
                VerifyCase task = VerifyCase.random(used, n);
                if (number != null) {
                    out.println("case " + number + ": " + task);
                }
                Optional<String> difference = difference(task, backends);
                if (difference.isPresent()) {
                    out.print("difference: " + difference.get());
                    out.println(number == null ? "; case " + n + ", " + task : "");
                    if (number == null) {
                        out.println("repeat with: dropfuse verify --seed " + used + " --case " + n);
                    }
                    return 1;
                }
                calls.merge(task.subject(), 1L, Long::sum);
                long now = System.nanoTime();
                progress.add(now - last);
                last = now;
            }
        }
        summary(calls, backends).forEach(out::println);
        return 0;
    }

    private static Optional<String> difference(VerifyCase task, List<Staging> backends) {
        try (Verifier verifier = new Verifier(task)) {
            return backends.stream()
                    .map(verifier::compare)
                    .flatMap(Optional::stream)
                    .findFirst();
        } catch (RuntimeException e) {
            return Optional.of("the reference fails: " + e);
        }
    }

    /** A line for each subject, and one for each backend. */
    private static List<String> summary(Map<Subject, Long> calls, List<Staging> backends) {
        int width =
                calls.keySet().stream().mapToInt(one -> one.name().length()).max().orElseThrow();
        String line = "%-" + width + "s %10s";
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, line, "layer", "calls"));
        calls.forEach((one, count) -> lines.add(String.format(Locale.ROOT, line, one, count)));
        long total = calls.values().stream().mapToLong(Long::longValue).sum();
        String modes =
                FloatingPointMode.unavailable()
                        .map(why -> "; floating-point modes not tried, " + why)
                        .orElse("");
        for (Staging one : backends) {
            boolean inModes = Verifier.triesModes(one);
            lines.add(
                    "equal: " + one + ", " + total + " calls of " + calls.size() + " layers"
                            + (inModes ? modes : ""));
        }
        return lines;
    }
}
