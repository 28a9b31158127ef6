package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.endtoend.Contender;
import io.github.dropfuse.bench.endtoend.Series;
import io.github.dropfuse.bench.endtoend.Setting.Memory;
import io.github.dropfuse.bench.endtoend.Setting.Route;
import io.github.dropfuse.bench.endtoend.Tasks;
import io.github.dropfuse.bench.report.Figures.Figure;
import java.awt.Color;
import java.text.DecimalFormat;
import java.util.List;
import java.util.Locale;

/** Training steps as their users have them: all threads, the C library's defaults. */
final class EndToEndFigure {
    private static final int WIDTH = 900;

    private final EndToEndResults results;
    private final BarPlot plot =
            new BarPlot(
                    "What dropout adds to a training step",
                    "time of a step, percent of the step without dropout: median (quartiles)",
                    new DecimalFormat("0"));

    private EndToEndFigure(EndToEndResults results) {
        this.results = results;
    }

    static Figure of(EndToEndResults results, String name) {
        EndToEndFigure figure = new EndToEndFigure(results);
        for (String task : List.of(Tasks.MLP, Tasks.DIGITS)) {
            String network = task.equals(Tasks.MLP) ? "Transformer MLP" : "Digits network";
            figure.group(network + " in DJL", Route.MULTIPLICATION, task, Style.PYTORCH);
            figure.group(network + " in DJL, operator installed", Route.OPERATOR, task,
                    Style.PYTORCH);
            figure.group(network + " in Deeplearning4j", Route.DROPOUT, task, Style.ND4J);
        }
        return Figure.of(
                name, figure.plot, WIDTH,
                "Training steps with all threads and the C library's defaults.");
    }

    /** Those of one process, as its neighbours in time are what a time can be compared with. */
    private void group(String heading, Route route, String task, Color frameworks) {
        plot.heading(heading);
        bar(route, task, Contender.NONE, "no dropout", Style.REFERENCE);
        bar(route, task, Contender.FRAMEWORK, "the framework's dropout", frameworks);
        bar(route, task, Contender.DROPFUSE, "Dropfuse", Style.BEST);
    }

    private void bar(Route route, String task, Contender contender, String name, Color color) {
        results.find(route, Memory.DEFAULT, results.mostThreads(), task, contender)
                .ifPresent(series -> bar(series, name, color));
    }

    private void bar(Series series, String name, Color color) {
        double[] none = results.beside(series, Contender.NONE).orElseThrow().wall();
        double[] ratios = EndToEndResults.ratios(series.wall(), none);
        double ratio = Statistics.median(ratios);
        String text =
                series.contender() == Contender.NONE
                        ? String.format(
                                Locale.ROOT, "%,.0f ms", Statistics.median(series.wall()) / 1e6)
                        : String.format(
                                Locale.ROOT, "%+.0f %% (%+.0f to %+.0f)", percent(ratio),
                                percent(Statistics.quantile(0.25, ratios)),
                                percent(Statistics.quantile(0.75, ratios)));
        plot.add(name, color, 100 * ratio, text);
    }

    private static double percent(double ratio) {
        return 100 * (ratio - 1);
    }
}
