package io.github.dropfuse.cli.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dropfuse bench}. */
@Command(
        name = "bench",
        description = {
            "Time every layer on the backends and tiers of this machine beside a plain copy, on"
                    + " tensors from the first cache's size to main memory's, in one thread and in"
                    + " all.",
            "Contenders take turns, and each time is paired with that of a copy just before: a row"
                    + " holds medians. The limit is what the bytes would allow that a layer has to"
                    + " move, over those of the copy. The largest tensors take 1 GiB.",
            "With --backend cuda, times are those of the device's own events, and the copy is one"
                    + " within the device's memory."
        })
public final class BenchCommand implements Callable<Integer> {
    private final Function<List<Backend>, List<BenchGroup>> plan;

    @Spec private CommandSpec spec;
    @Mixin private BackendOptions backend;

    @Option(names = "--json", description = "Write the rows as a JSON array, at the end.")
    private boolean json;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "120",
            description =
                    "How long to go on (default ${DEFAULT-VALUE}); longer if that is not enough to"
                            + " time everything three times.")
    private double seconds;

    /** Times what this machine has. */
    BenchCommand() {
        this(backends -> BenchPlan.of(backends, Runtime.getRuntime().availableProcessors()));
    }

    BenchCommand(Function<List<Backend>, List<BenchGroup>> plan) {
        this.plan = plan;
    }

    @Override
    public Integer call() throws IOException {
        if (!(seconds > 0)) {
            throw new UsageException("seconds is " + seconds + ", allowed are numbers above 0");
        }
        if (backend.cuda().isPresent()) {
            CudaBench bench = new CudaBench(backend.cuda().orElseThrow());
            print(bench.measure((long) (seconds * 1e9)));
            return 0;
        }
        List<Backend> backends =
                backend.isAsked() ? List.of(backend.execution().backend()) : Backends.all();
        List<BenchGroup> groups = plan.apply(backends);
        List<BenchRow> rows = measure(groups);
        if (json) {
            printJson(rows);
        }
        return 0;
    }

    private void print(List<BenchRow> rows) throws IOException {
        if (json) {
            printJson(rows);
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(BenchRow.HEADER);
        rows.forEach(row -> out.println(row.line()));
    }

    private void printJson(List<BenchRow> rows) throws IOException {
        spec.commandLine()
                .getOut()
                .println(
                        JSON.std
                                .with(JSON.Feature.PRETTY_PRINT_OUTPUT)
                                .asString(rows.stream().map(BenchRow::json).toList()));
    }

    private List<BenchRow> measure(List<BenchGroup> groups) {
        PrintWriter out = spec.commandLine().getOut();
        double weights = groups.stream().mapToDouble(BenchGroup::weight).sum();
        long total = (long) (seconds * 1e9);
        List<BenchRow> rows = new ArrayList<>();
        if (!json) {
            out.println(BenchRow.HEADER);
        }
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "bench", total)) {
            for (BenchGroup group : groups) {
                long share = (long) (total * group.weight() / weights);
                List<BenchRow> some = group.measure(share);
                rows.addAll(some);
                if (!json) {
                    some.forEach(row -> out.println(row.line()));
                    out.flush();
                }
                progress.add(share);
            }
        }
        return rows;
    }
}
