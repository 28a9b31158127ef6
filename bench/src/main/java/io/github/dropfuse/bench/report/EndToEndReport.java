package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.endtoend.Contender;
import io.github.dropfuse.bench.endtoend.Series;
import io.github.dropfuse.bench.endtoend.Setting.Memory;
import io.github.dropfuse.bench.endtoend.Setting.Route;
import io.github.dropfuse.bench.endtoend.Tasks;
import io.github.dropfuse.bench.report.Targets.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The samples of training steps as a page of Markdown and a plot. */
public final class EndToEndReport {
    /** The file of a run. */
    public static final String RESULTS = "end-to-end.json";

    static final String NAME = "end-to-end";

    static final Map<Memory, String> MEMORY =
            Map.of(Memory.DEFAULT, "C library's defaults", Memory.KEPT, "memory kept");

    private final EndToEndResults results;
    private final StringBuilder page = new StringBuilder();

    private EndToEndReport(EndToEndResults results) {
        this.results = results;
    }

    /**
     * Writes the report.
     *
     * @param results holds the JSON of a run
     * @param report receives end-to-end.md, and the plot as SVG and PNG
     * @return the page
     * @throws IOException if one cannot be read or written
     */
    public static String write(Path results, Path report) throws IOException {
        EndToEndResults read = EndToEndResults.read(results.resolve(RESULTS));
        String page = new EndToEndReport(read).page();
        Files.createDirectories(report);
        Drawing.write(EndToEndFigure.of(read, NAME), report);
        Files.writeString(report.resolve(NAME + ".md"), page);
        return page;
    }

    private String page() {
        page.append("# Training steps, end to end\n\n![Training steps](").append(NAME)
                .append(".svg)\n\n")
                .append("Contenders take turns, so that each round has a sample of all of them. ")
                .append("Ratios are taken round by round. Figures are medians, with quartiles in ")
                .append("brackets. With the *C library's defaults* large arrays go back to the ")
                .append("system at every call. *Memory kept* is ")
                .append("`MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184 ")
                .append("MALLOC_ARENA_MAX=1`.\n\n## Aims\n\n")
                .append("| what | threads | memory | measured | aim | |\n")
                .append("|---|---|---|---|---|---|\n");
        for (Memory memory : Memory.values()) {
            for (Route route : Route.values()) {
                faster(route, memory, Tasks.SMALL_DROPOUT, 4);
                faster(route, memory, Tasks.LARGE_DROPOUT, 8);
                for (int threads : threads()) {
                    aim(route, memory, threads, Tasks.MLP, Contender.NONE, true, 1.03);
                }
            }
        }
        for (String task : Tasks.all()) {
            table(task);
        }
        page.append("\n## Where\n\n");
        results.environment()
                .forEach((name, fact) -> page.append("* ").append(name).append(": ")
                        .append(fact).append('\n'));
        return page.toString();
    }

    private Iterable<Integer> threads() {
        return new TreeSet<>(results.series().stream().map(Series::threads).toList());
    }

    private void faster(Route route, Memory memory, String task, double bound) {
        aim(route, memory, 1, task, Contender.FRAMEWORK, false, bound);
    }

    /** Ours over nobody's has a bound from above; the framework's over ours has one from below. */
    private void aim(
            Route route,
            Memory memory,
            int threads,
            String task,
            Contender than,
            boolean atMost,
            double bound) {
        Optional<Series> ours = results.find(route, memory, threads, task, Contender.DROPFUSE);
        if (ours.isEmpty()) {
            return;
        }
        double[] wall = results.beside(ours.get(), than).orElseThrow().wall();
        double measured =
                Statistics.median(
                        atMost
                                ? EndToEndResults.ratios(ours.get().wall(), wall)
                                : EndToEndResults.ratios(wall, ours.get().wall()));
        Target target =
                new Target(
                        task + ", " + words(route)
                                + (atMost ? ": times without dropout" : ": times faster"),
                        measured, bound, atMost);
        page.append("| ").append(target.what())
                .append(" | ").append(threads)
                .append(" | ").append(MEMORY.get(memory))
                .append(" | ").append(Targets.number(target.measured()))
                .append(" | ").append(atMost ? "≤ " : "≥ ").append(Targets.number(bound))
                .append(target.reached() ? " | reached |\n" : " | **missed** |\n");
    }

    private void table(String task) {
        page.append("\n## ").append(task).append("\n\n");
        results.series().stream()
                .filter(series -> series.task().equals(task))
                .findFirst()
                .ifPresent(series -> page.append("Rounds: ").append(series.wall().length)
                        .append(", calls in each sample: ").append(series.calls())
                        .append(".\n\n"));
        page.append("| framework | threads | memory | contender | ms | times without dropout ")
                .append("| framework's time over this | ms of processors ")
                .append("| of processors, times without dropout |\n")
                .append("|---|---|---|---|---|---|---|---|---|\n");
        for (Series series : results.series()) {
            if (series.task().equals(task)) {
                row(series);
            }
        }
    }

    private void row(Series series) {
        Optional<Series> none = results.beside(series, Contender.NONE);
        Optional<Series> framework = results.beside(series, Contender.FRAMEWORK);
        page.append("| ").append(series.framework())
                .append(" | ").append(series.threads())
                .append(" | ").append(MEMORY.get(Memory.valueOf(series.memory())))
                .append(" | ").append(words(series))
                .append(" | ").append(spread(millis(series.wall())))
                .append(" | ").append(none.map(other -> spread(
                        EndToEndResults.ratios(series.wall(), other.wall()))).orElse(""))
                .append(" | ").append(framework.map(other -> spread(
                        EndToEndResults.ratios(other.wall(), series.wall()))).orElse(""))
                .append(" | ").append(spread(millis(series.cpu())))
                .append(" | ").append(none.map(other -> spread(
                        EndToEndResults.ratios(series.cpu(), other.cpu()))).orElse(""))
                .append(" |\n");
    }

    private static double[] millis(double[] nanos) {
        double[] millis = nanos.clone();
        for (int round = 0; round < millis.length; round++) {
            millis[round] /= 1e6;
        }
        return millis;
    }

    private static String spread(double[] samples) {
        return number(Statistics.median(samples)) + " (" + number(
                Statistics.quantile(0.25, samples)) + " – " + number(
                Statistics.quantile(0.75, samples)) + ")";
    }

    private static String number(double value) {
        int digits = (int) Math.clamp(2 - Math.floor(Math.log10(value)), 0, 3);
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String words(Series series) {
        String ours = words(Route.valueOf(series.route()));
        return switch (series.contender()) {
            case NONE -> "none, beside " + ours;
            case FRAMEWORK -> series.framework() + "'s, beside " + ours;
            case DROPFUSE -> ours;
            case DROPFUSE_POOL -> ours + ", on the common pool";
        };
    }

    static String words(Route route) {
        return switch (route) {
            case MULTIPLICATION -> "Dropfuse by multiplication";
            case OPERATOR -> "Dropfuse by operator";
            case DROPOUT -> "Dropfuse in Deeplearning4j";
        };
    }
}
