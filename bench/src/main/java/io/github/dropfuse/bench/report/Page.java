package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.endtoend.Contender;
import io.github.dropfuse.bench.endtoend.Setting.Memory;
import io.github.dropfuse.bench.endtoend.Setting.Route;
import io.github.dropfuse.bench.endtoend.Tasks;
import io.github.dropfuse.bench.report.Figures.Figure;
import io.github.dropfuse.bench.report.Targets.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The report as one page of HTML that needs no other file. */
final class Page {
    private static final String STYLE =
            """
            body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem;
                   margin: 2rem auto; padding: 0 1rem; }
            h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
            figure { margin: 1.5rem 0; } figure svg { max-width: 100%; height: auto; }
            .narrow { display: none; }
            @media (max-width: 720px) { .wide { display: none; } .narrow { display: block; } }
            .scrolls { overflow-x: auto; }
            figcaption { color: #555; font-size: 0.9rem; }
            table { border-collapse: collapse; font-size: 0.85rem; margin: 1rem 0; }
            th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0;
                     border-bottom: 1px solid #e2e2e2; vertical-align: top; }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
            .missed { color: #b03000; font-weight: bold; } .reached { color: #00713f; }
            code { font-size: 0.9em; } details { margin: 1rem 0; }
            """;

    private final StringBuilder html = new StringBuilder();

    private Page() {}

    static String of(
            List<Machine> machines,
            Optional<EndToEndResults> steps,
            Map<String, String> drawings) {
        Page page = new Page();
        page.html
                .append("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\">\n")
                .append("<title>Dropfuse benchmarks</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n<h1>Dropfuse benchmarks</h1>\n");
        Opening.sentences(machines)
                .forEach(sentence -> page.html.append("<p>").append(escape(sentence))
                        .append("</p>\n"));
        steps.ifPresent(results -> page.steps(results, drawings));
        machines.forEach(machine -> page.machine(machine, drawings));
        page.html.append("</html>\n");
        return page.html.toString();
    }

    /** Training steps; the page in Markdown has every case. */
    private void steps(EndToEndResults results, Map<String, String> drawings) {
        html.append("<h2>Training steps</h2>\n");
        figure(EndToEndFigure.of(results, EndToEndReport.NAME), drawings);
        html.append("<p>What dropout adds to a step of the transformer's MLP on ")
                .append(results.mostThreads()).append(" threads: medians and quartiles of ")
                .append("rounds in which contenders take turns, measured on ")
                .append(escape(results.environment().get("date"))).append(". ")
                .append("<code>end-to-end.md</code> beside this page has every case.</p>\n")
                .append("<div class=\"scrolls\"><table>\n<tr><th>route<th>memory")
                .append("<th class=\"n\">the framework's dropout<th class=\"n\">Dropfuse\n");
        for (Route route : Route.values()) {
            for (Memory memory : Memory.values()) {
                String framework = added(results, route, memory, Contender.FRAMEWORK);
                if (!framework.isEmpty()) {
                    html.append("<tr><td>").append(escape(EndToEndReport.words(route)))
                            .append("<td>").append(EndToEndReport.MEMORY.get(memory))
                            .append("<td class=\"n\">").append(framework)
                            .append("<td class=\"n\">")
                            .append(added(results, route, memory, Contender.DROPFUSE))
                            .append('\n');
                }
            }
        }
        html.append("</table></div>\n");
    }

    private static String added(
            EndToEndResults results, Route route, Memory memory, Contender contender) {
        return results.find(route, memory, results.mostThreads(), Tasks.MLP, contender)
                .map(series -> {
                    double[] ratios =
                            EndToEndResults.ratios(
                                    series.wall(),
                                    results.beside(series, Contender.NONE).orElseThrow().wall());
                    return percent(Statistics.median(ratios)) + " % ("
                            + percent(Statistics.quantile(0.25, ratios)) + " to "
                            + percent(Statistics.quantile(0.75, ratios)) + ")";
                })
                .orElse("");
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.0f", 100 * (ratio - 1)).replace("-0", "0");
    }

    private void figure(Figure figure, Map<String, String> drawings) {
        html.append("<figure id=\"").append(figure.name()).append("\">\n")
                .append(drawings.get(figure.name()))
                .append("\n<figcaption>").append(escape(figure.caption()))
                .append("</figcaption>\n</figure>\n");
    }

    private void machine(Machine machine, Map<String, String> drawings) {
        Results results = machine.results();
        html.append("<h1 id=\"").append(machine.name()).append("\">Kernels on ")
                .append(escape(machine.words())).append("</h1>\n");
        environment(results);
        html.append("<h2>Plots</h2>\n");
        machine.figures().forEach(figure -> figure(figure, drawings));
        targets(results);
        smallCalls(results);
        languages(results);
        kept(results);
        rows(results);
    }

    private void environment(Results results) {
        html.append("<div class=\"scrolls\"><table>\n");
        results.environment()
                .forEach(
                        (name, fact) -> {
                            boolean code = name.equals("command") || name.equals("commit");
                            html.append("<tr><th>").append(escape(name)).append("<td>")
                                    .append(code ? "<code>" : "")
                                    .append(escape(fact.toString()))
                                    .append(code ? "</code>" : "").append('\n');
                        });
        html.append("</table></div>\n<p>Every figure is a median. A ratio compares a time with that of ")
                .append("a plain copy of the same tensors, on as many threads, Java's or the C ")
                .append("library's, whichever was faster, taken in the same ")
                .append("process just before and after; where something is added to a residual, ")
                .append("with that of a plain sum in C.</p>\n");
    }

    private void targets(Results results) {
        html.append("<h2>Aims</h2>\n<div class=\"scrolls\"><table>\n<tr><th>what<th class=\"n\">measured")
                .append("<th class=\"n\">aim<th><th>what binds\n");
        for (Target target : Targets.of(results)) {
            html.append("<tr><td>").append(escape(target.what()))
                    .append("<td class=\"n\">").append(Targets.number(target.measured()))
                    .append("<td class=\"n\">").append(target.atMost() ? "≤ " : "≥ ")
                    .append(Targets.number(target.aim()))
                    .append(target.reached() ? "<td class=\"reached\">reached"
                            : "<td class=\"missed\">missed")
                    .append("<td>").append(target.reached() ? "" : escape(results.bound(target.what())))
                    .append('\n');
        }
        html.append("</table></div>\n");
    }

    private void smallCalls(Results results) {
        List<Row> rows = results.where(row -> row.contender().equals(Contenders.SMALL_CALL));
        double c =
                rows.stream().filter(row -> row.kernel().equals("c")).mapToDouble(Row::nanos)
                        .findFirst().orElse(Double.NaN);
        html.append("<h2>What a call on 64 elements costs</h2>\n<div class=\"scrolls\"><table>\n<tr><th>call")
                .append("<th class=\"n\">ns<th class=\"n\">over the kernel called by C, ns")
                .append("<th class=\"n\">bytes allocated\n");
        SmallCalls.labels().forEach((kernel, label) -> rows.stream()
                .filter(row -> row.kernel().equals(kernel))
                .forEach(row -> html.append("<tr><td>").append(escape(label))
                        .append("<td class=\"n\">").append(Targets.number(row.nanos()))
                        .append("<td class=\"n\">").append(
                                kernel.startsWith("empty") ? ""
                                        : Targets.number(row.nanos() - c))
                        .append("<td class=\"n\">").append(Math.round(row.allocated()))
                        .append('\n')));
        html.append("</table></div>\n");
    }

    /** The same kernel of the same library, by size and by language. */
    private void languages(Results results) {
        List<Row> rows =
                results.where(row -> row.kernel().equals("forward") && !row.inPlace()
                        && row.backend().equals("native") && row.dtype().equals("float32")
                        && row.threads().equals("1") && row.p() == 0.1);
        String tier = rows.stream().map(Row::tier).findFirst().orElse("");
        html.append("<h2>The same library from other languages</h2>\n<p>Forward, float32, ")
                .append("nanoseconds per element, and times a plain copy of that language.</p>\n")
                .append("<div class=\"scrolls\"><table>\n<tr><th class=\"n\">elements");
        List<String> languages = rows.stream().map(Row::contender).distinct().toList();
        languages.forEach(name -> html.append("<th class=\"n\">").append(escape(
                name.equals(Contenders.DROPFUSE) ? "Java, FFM" : name)));
        html.append('\n');
        rows.stream().map(Row::elements).distinct().sorted().forEach(elements -> {
            html.append("<tr><td class=\"n\">").append(Sizes.text(elements));
            for (String name : languages) {
                html.append("<td class=\"n\">");
                rows.stream()
                        .filter(row -> row.elements() == elements && row.tier().equals(tier)
                                && row.contender().equals(name))
                        .findFirst()
                        .ifPresent(row -> html.append(significant(row.nanosPerElement()))
                                .append(" (").append(significant(row.ratio())).append(')'));
            }
            html.append('\n');
        });
        html.append("</table></div>\n");
    }

    private void kept(Results results) {
        html.append("<h2>Kept for the backward pass</h2>\n<div class=\"scrolls\"><table>\n<tr><th>contender<th>type")
                .append("<th class=\"n\">bytes per element<th>how it is known\n");
        for (Map<String, Object> kept : results.kept()) {
            html.append("<tr><td>").append(escape(kept.get("contender").toString()))
                    .append("<td>").append(escape(kept.get("dtype").toString()))
                    .append("<td class=\"n\">").append(
                            significant(((Number) kept.get("bytesPerElement")).doubleValue()))
                    .append("<td>").append(escape(kept.get("how").toString())).append('\n');
        }
        html.append("</table></div>\n");
    }

    private void rows(Results results) {
        html.append("<h2>Every figure</h2>\n<details><summary>")
                .append(results.rows().size()).append(" rows</summary>\n<div class=\"scrolls\"><table>\n<tr>");
        for (String name : List.of("kernel", "contender", "backend", "type", "p", "threads",
                "core")) {
            html.append("<th>").append(name);
        }
        for (String name : List.of("elements", "ns per call", "quartiles", "ns per element",
                "times its limit", "spread", "of", "bytes allocated")) {
            html.append("<th class=\"n\">").append(name);
        }
        html.append('\n');
        results.rows().stream()
                .sorted(Comparator.comparing(Row::kernel)
                        .thenComparing(Row::dtype)
                        .thenComparing(Row::threads)
                        .thenComparing(Row::inPlace)
                        .thenComparing(Row::elements)
                        .thenComparing(Row::nanos))
                .forEach(this::row);
        html.append("</table></div>\n</details>\n");
    }

    private void row(Row row) {
        html.append("<tr><td>").append(escape(row.kernel()))
                .append(row.inPlace() ? ", in place" : "")
                .append("<td>").append(escape(row.contender()))
                .append("<td>").append(escape(row.backend()))
                .append(row.tier().isEmpty() ? "" : "/" + escape(row.tier()))
                .append("<td>").append(row.dtype())
                .append("<td>").append(row.p())
                .append("<td>").append(row.threads())
                .append("<td>").append(row.state())
                .append("<td class=\"n\">").append(Sizes.text(row.elements()))
                .append("<td class=\"n\">").append(significant(row.nanos()))
                .append("<td class=\"n\">").append(significant(row.low())).append(" – ")
                .append(significant(row.high()))
                .append("<td class=\"n\">").append(significant(row.nanosPerElement()))
                .append("<td class=\"n\">").append(significant(row.ratio()))
                .append(row.limit().equals(Row.COPY) ? "" : " (" + row.limit() + ")")
                .append("<td class=\"n\">").append(
                        Double.isNaN(row.spread()) ? ""
                                : String.format(Locale.ROOT, "%.0f %%", 100 * row.spread()))
                .append("<td class=\"n\">").append(row.samples()).append(" of ").append(row.all())
                .append("<td class=\"n\">").append(
                        Double.isNaN(row.allocated()) ? ""
                                : String.format(Locale.ROOT, "%.0f", row.allocated()))
                .append('\n');
    }

    private static String significant(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        int digits = (int) Math.clamp(2 - Math.floor(Math.log10(Math.max(value, 1e-3))), 0, 4);
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
