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
                    "time of a step, percent of the step without dropout",
                    new DecimalFormat("0"));

    private EndToEndFigure(EndToEndResults results) {
        this.results = results;
    }

    static Figure of(EndToEndResults results, String name) {
        EndToEndFigure figure = new EndToEndFigure(results);
        for (String task : List.of(Tasks.MLP, Tasks.DIGITS)) {
            String network = task.equals(Tasks.MLP) ? "Transformer MLP" : "Digits network";
            figure.plot.heading(network + " in DJL");
            figure.bar(Route.OPERATOR, task, Contender.NONE, "no dropout", Style.REFERENCE);
            figure.bar(Route.OPERATOR, task, Contender.FRAMEWORK, "DJL's dropout", Style.PYTORCH);
            figure.bar(Route.MULTIPLICATION, task, Contender.DROPFUSE, "Dropfuse", Style.IN_PLACE);
            figure.bar(Route.OPERATOR, task, Contender.DROPFUSE, "Dropfuse, operator installed",
                    Style.BEST);
            figure.plot.heading(network + " in Deeplearning4j");
            figure.bar(Route.DROPOUT, task, Contender.NONE, "no dropout", Style.REFERENCE);
            figure.bar(Route.DROPOUT, task, Contender.FRAMEWORK, "Deeplearning4j's dropout",
                    Style.ND4J);
            figure.bar(Route.DROPOUT, task, Contender.DROPFUSE, "Dropfuse", Style.BEST);
        }
        return new Figure(
                name, figure.plot.chart(), WIDTH, figure.plot.height(),
                "Training steps with all threads and the C library's defaults.");
    }

    private void bar(Route route, String task, Contender contender, String name, Color color) {
        results.find(route, Memory.DEFAULT, results.mostThreads(), task, contender)
                .ifPresent(series -> bar(series, name, color));
    }

    private void bar(Series series, String name, Color color) {
        double[] none = results.beside(series, Contender.NONE).orElseThrow().wall();
        double ratio = Statistics.median(EndToEndResults.ratios(series.wall(), none));
        String text =
                series.contender() == Contender.NONE
                        ? String.format(
                                Locale.ROOT, "%,.0f ms", Statistics.median(series.wall()) / 1e6)
                        : String.format(Locale.ROOT, "%+.1f %%", 100 * (ratio - 1));
        plot.add(name, color, 100 * ratio, text);
    }
}
