package io.github.dropfuse.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What was measured and what follows from it, in plain sentences. */
final class Opening {
    private static final long KI = 1024;
    private static final long LARGE = 64 * KI * KI;
    private static final long SMALL = 16 * KI;

    private Opening() {}

    static List<String> sentences(List<Machine> machines) {
        String where =
                machines.stream()
                        .map(machine -> machine.words() + " (" + machine.fact("processors")
                                + " processors, " + machine.fact("date") + ")")
                        .collect(Collectors.joining(" and on "));
        return List.of(
                "Dropfuse's layers and what competes with them were timed beside a plain copy of "
                        + "the same tensors in the same process, on " + where + ".",
                machines.stream().map(Opening::measured).collect(Collectors.joining(" ")),
                "The aims are below, with what binds where one was missed: "
                        + machines.stream().map(Opening::missed)
                                .collect(Collectors.joining("; ")) + ".");
    }

    private static String measured(Machine machine) {
        return "On " + machine.words() + ", on one thread, Dropout of float32 took "
                + times(machine, LARGE, false) + " the copy's time for 64 Mi elements out of place, "
                + times(machine, LARGE, true) + " in place, and "
                + times(machine, SMALL, false) + " for 16 Ki, which a cache holds: medians of "
                + row(machine, LARGE, false).map(Row::samples).orElse(0)
                + " iterations, with quartiles.";
    }

    private static String missed(Machine machine) {
        List<Targets.Target> aims = Targets.of(machine.results());
        long missed = aims.stream().filter(aim -> !aim.reached()).count();
        return missed + " of " + aims.size() + " missed on " + machine.words();
    }

    private static String times(Machine machine, long elements, boolean inPlace) {
        return row(machine, elements, inPlace)
                .map(row -> String.format(
                        Locale.ROOT, "%.2f times (%.2f to %.2f)", row.ratio(), row.ratioLow(),
                        row.ratioHigh()))
                .orElse("an unknown part of");
    }

    private static Optional<Row> row(Machine machine, long elements, boolean inPlace) {
        return machine.results().rows().stream()
                .filter(row -> row.contender().equals(Contenders.DROPFUSE)
                        && row.kernel().equals("forward")
                        && row.inPlace() == inPlace
                        && row.dtype().equals("float32")
                        && row.threads().equals("1")
                        && row.p() == 0.1
                        && row.elements() == elements)
                .findFirst();
    }
}
