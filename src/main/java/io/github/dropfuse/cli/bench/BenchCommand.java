package io.github.dropfuse.cli.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.cli.common.BackendOptions;
import io.github.dropfuse.cli.common.Progress;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            "Time every layer on this machine beside a plain copy.",
            "Takes all backends and tiers, and tensors from the first cache's size to main"
                    + " memory's, in one thread and in all.",
            "Contenders take turns, and each time is paired with that of a copy: a row holds medians,"
                    + " and the spread of the ratio's quartiles. Samples are discarded that"
                    + " something else interrupted. Those of a core that is slow, as its"
                    + " neighbour is busy, have rows of their own. Where a figure cannot be"
                    + " trusted, the reason is printed instead. Rows from cold tensors have none"
                    + " of them in a cache.",
            "The limit is what the bytes would allow that a layer has to move, over those of the"
                    + " copy. The largest tensors take 1 GiB.",
            "With --backend cuda, times are those of the device's own events, and the copy is one"
                    + " within the device's memory."
        })
public final class BenchCommand implements Callable<Integer> {
    private final Function<List<Backend>, List<BenchGroup>> plan;
    private final List<BenchRow> rows = new ArrayList<>();

    @Spec private CommandSpec spec;
    @Mixin private BackendOptions backend;

    @Option(names = "--json", description = "Write the rows as a JSON array, at the end.")
    private boolean json;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "240",
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
            print(CudaBench.measure(backend.cuda().orElseThrow(), (long) (seconds * 1e9)));
        } else {
            List<Staging> places =
                    backend.orAll(() -> Backends.all().stream().map(Staging::on).toList());
            measure(
                    plan.apply(
                            places.stream().map(place -> place.execution().backend()).toList()));
        }
        if (json) {
            spec.commandLine().getOut().println(json(rows));
        }
        return 0;
    }

    /** Rows as an array, whose objects all have the same fields. */
    static String json(List<BenchRow> rows) throws IOException {
        List<Map<String, Object>> array = rows.stream().map(BenchRow::json).toList();
        return JSON.std
                .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES)
                .asString(array);
    }

    /** Prints rows at once, unless they are part of an array. */
    private void print(List<BenchRow> more) {
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            if (rows.isEmpty()) {
                out.println(BenchRow.HEADER);
            }
            more.forEach(row -> out.println(row.lines()));
            out.flush();
        }
        rows.addAll(more);
    }

    private void measure(List<BenchGroup> groups) {
        double weights = groups.stream().mapToDouble(BenchGroup::weight).sum();
        long total = (long) (seconds * 1e9);
        try (Progress progress = Progress.of(spec.commandLine().getErr(), "bench", total)) {
            for (BenchGroup group : groups) {
                long share = (long) (total * group.weight() / weights);
                print(group.measure(share));
                progress.add(share);
            }
        }
    }
}
