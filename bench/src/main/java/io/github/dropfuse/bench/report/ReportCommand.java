package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.Places;
import io.github.dropfuse.bench.report.Figures.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns a run's JSON into a page and pictures. */
@Command(
        name = "report",
        description = "Turns the JSON of a run into a page and its plots.",
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    @Option(names = "--results", description = "Holds the JSON; bench/results by default.")
    private Path results;

    @Option(names = "--report", description = "Receives the page; bench/report by default.")
    private Path report;

    @Override
    public Integer call() throws IOException {
        Path from = results == null ? Places.project().resolve("results") : results;
        Path to = report == null ? Places.project().resolve("report") : report;
        write(from, to);
        if (Files.exists(from.resolve(EndToEndReport.RESULTS))) {
            EndToEndReport.write(from, to);
        }
        return 0;
    }

    /**
     * Writes the report.
     *
     * @param results holds the JSON files of a run, or a directory of them for each machine
     * @param report receives index.html, and each plot as SVG and PNG
     * @throws IOException if one cannot be read or written
     */
    public static void write(Path results, Path report) throws IOException {
        Files.createDirectories(report);
        List<Machine> machines = Machine.all(results);
        Map<String, String> drawings = new HashMap<>();
        for (Machine machine : machines) {
            for (Figure figure : machine.figures()) {
                drawings.put(figure.name(), Drawing.write(figure, report));
            }
        }
        Optional<EndToEndResults> steps = Optional.empty();
        if (Files.exists(results.resolve(EndToEndReport.RESULTS))) {
            steps = Optional.of(EndToEndResults.read(results.resolve(EndToEndReport.RESULTS)));
            Figure figure = EndToEndFigure.of(steps.get(), EndToEndReport.NAME);
            drawings.put(figure.name(), Drawing.write(figure, report));
        }
        Files.writeString(report.resolve("index.html"), Page.of(machines, steps, drawings));
    }
}
