package io.github.dropfuse.cli.verify;

import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.Numbers;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
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
            "Compare this machine's backends with the reference.",
            "Makes random calls of every layer on every backend and tier, forward and backward, and"
                    + " compares all bits: shapes, types, alignments, probabilities, stored masks,"
                    + " boxes of larger tensors, parts, in place and not; native tiers also in"
                    + " other floating-point modes.",
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
            names = "--deep",
            description = {
                "Larger calls, of memory of mapped files too, by many callers at once; boxes where"
                        + " indices pass 2^31 to 2^62; native calls in each floating-point mode; and"
                        + " masks of millions of units, in which most decisions are compared.",
                "If --case does not show a difference again, it comes from callers at once."
            })
    private boolean deep;

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
        if (number != null) {
            out.println("case " + number + ": " + VerifyCase.random(used, number, deep));
        }
        out.flush();
        long nanos = (long) (seconds * 1e9);
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "verify", nanos)) {
            VerifyRun run = new VerifyRun(backends, used, deep, nanos, progress);
            Optional<VerifyRun.Fault> fault =
                    number != null
                            ? run.only(number)
                            : layer == null
                                    ? run.all(0, 1)
                                    : run.all(Subject.ALL.indexOf(layer), Subject.ALL.size());
            if (fault.isPresent()) {
                difference(fault.get(), used).forEach(out::println);
                return 1;
            }
            summary(run).forEach(out::println);
            return 0;
        }
    }

    private List<String> difference(VerifyRun.Fault fault, long used) {
        String line = "difference: " + fault.what();
        return number != null
                ? List.of(line)
                : List.of(
                        line + "; case " + fault.number() + ", " + fault.task(),
                        "repeat with: dropfuse verify " + (deep ? "--deep " : "") + "--seed " + used
                                + " --case " + fault.number());
    }

    /** A line for each subject, one for each backend, and one of all decisions. */
    private static List<String> summary(VerifyRun run) {
        Map<Subject, Long> calls = run.calls();
        int width =
                calls.keySet().stream().mapToInt(one -> one.name().length()).max().orElseThrow();
        String line = "%-" + width + "s %10s";
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, line, "layer", "calls"));
        calls.forEach((one, count) -> lines.add(String.format(Locale.ROOT, line, one, count)));
        String modes =
                FloatingPointMode.unavailable()
                        .map(why -> "; floating-point modes not tried, " + why)
                        .orElse("");
        run.tallies()
                .forEach(
                        (one, tally) ->
                                lines.add(
                                        "equal: " + one + ", " + tally
                                                + (Verifier.triesModes(one) ? modes : "")));
        lines.add(
                "decisions compared with the reference's: "
                        + run.tallies().entrySet().stream()
                                .filter(one -> !Verifier.isReference(one.getKey()))
                                .mapToLong(one -> one.getValue().decisions())
                                .sum());
        return lines;
    }
}
