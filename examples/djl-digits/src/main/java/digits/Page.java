package digits;

import static digits.Svg.escape;

import digits.Figures.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The results as one page of HTML that needs no other file, and is well-formed XML. */
final class Page {
    private final Results results;
    private final StringBuilder html = new StringBuilder();

    private Page(Results results) {
        this.results = results;
    }

    static String of(Results results) throws IOException {
        Page page = new Page(results);
        page.head();
        List<Figure> figures = new Figures(results).all();
        page.summary(figures);
        figures.forEach(page::figure);
        page.table();
        page.method();
        page.environment();
        page.html.append("</main>\n</body>\n</html>\n");
        return page.html.toString();
    }

    private void head() throws IOException {
        html.append(
                """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>Dropout and DropPath on handwritten digits</title>
                <style>
                """);
        try (InputStream style = Page.class.getResourceAsStream("/page.css")) {
            html.append(new String(style.readAllBytes(), StandardCharsets.UTF_8));
        }
        Mode mode = results.mode();
        html.append(
                """
                </style>
                </head>
                <body>
                <main>
                <header>
                <p class="kind">Dropfuse with DJL: a %s run</p>
                <h1>What Dropout and DropPath do to a small residual network</h1>
                <p class="lead">%d images of handwritten digits to learn from, every fifth with a label
                drawn at random, %d others to test with. Networks of %d and %d residual branches, %d
                seeds each, %d epochs, trained by DJL's own Trainer.</p>
                """
                        .formatted(
                                mode.text(), mode.images(), Digits.TEST, mode.shallow(), mode.deep(),
                                mode.seeds(), mode.epochs()));
        if (mode != Mode.FULL) {
            html.append(
                    "<p class=\"note\">This was a %s run: fewer seeds and epochs than the full one,"
                                    .formatted(mode.text())
                            + " so that less can be told from the spread.</p>\n");
        }
        html.append("</header>\n");
    }

    private void summary(List<Figure> figures) {
        html.append("<nav aria-label=\"Findings\">\n<ol>\n");
        for (Figure figure : figures) {
            html.append(
                    "<li><a href=\"#%s\">%s</a></li>\n"
                            .formatted(figure.name(), escape(figure.title())));
        }
        html.append("</ol>\n</nav>\n");
    }

    private void figure(Figure figure) {
        html.append(
                "<figure id=\"%s\">\n<h2>%s</h2>\n<figcaption>%s</figcaption>\n<div class=\"panels\">\n"
                        .formatted(
                                figure.name(), escape(figure.title()), escape(figure.caption())));
        figure.panels().forEach(html::append);
        html.append("</div>\n");
        html.append(
                "<details open=\"open\">\n<summary>%s</summary>\n<ul>\n"
                        .formatted(escape(figure.compared())));
        figure.sentences()
                .forEach(text -> html.append("<li>").append(escape(text)).append("</li>\n"));
        html.append("</ul>\n</details>\n</figure>\n");
    }

    private void table() {
        html.append(
                """
                <section>
                <h2>After the last epoch</h2>
                <p>Means over seeds ± their standard deviation.</p>
                <div class="wide">
                <table>
                <thead><tr><th>dropped</th><th>normalisation</th><th>branches</th><th>training
                loss</th><th>test loss</th><th>test accuracy, %</th><th>ms per epoch</th></tr></thead>
                <tbody>
                """);
        for (Variant variant : Variant.values()) {
            for (int depth : results.mode().depths()) {
                List<Run> runs = results.of(variant, depth);
                if (!runs.isEmpty()) {
                    row(variant, depth, runs);
                }
            }
        }
        html.append("</tbody>\n</table>\n</div>\n</section>\n");
    }

    private void row(Variant variant, int depth, List<Run> runs) {
        html.append(
                "<tr><th>%s</th><td>%s</td><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n"
                        .formatted(
                                escape(variant.label()),
                                variant.norm() == Variant.Norm.LAYER ? "LayerNorm" : "BatchNorm",
                                depth,
                                spread(runs.stream().mapToDouble(r -> r.last().train().loss())
                                        .toArray(), 0.001),
                                spread(runs.stream().mapToDouble(r -> r.last().test().loss())
                                        .toArray(), 0.001),
                                spread(runs.stream().mapToDouble(r -> 100 * r.last().test().accuracy())
                                        .toArray(), 0.1),
                                spread(runs.stream().mapToDouble(Run::millis).toArray(), 0.1)));
    }

    private static String spread(double[] values, double unit) {
        return Words.number(Difference.mean(values), unit)
                + " ± "
                + Words.number(Difference.deviation(values), unit);
    }

    private void method() {
        html.append(
                """
                <section>
                <h2>How it was done</h2>
                <p>Patches of 2 × 2 pixels become 4 × 4 places of %d channels. Each residual branch is
                normalise, convolve, normalise, ReLU, convolve. Dropout (p = %s) is before the second
                convolution of a branch. DropPath drops a whole branch for a sample: never the first,
                the last with p = %s, the others evenly between. Plain SGD; the loss is the cross
                entropy.</p>
                <p>A seed decides the first parameters, the images, the wrong labels and their order,
                and all variants have the same ones. So variants are compared seed by seed. The
                intervals are Student's t for these differences, each by itself; where one holds 0,
                the page says that nothing can be told. Titles and sentences are made from the
                numbers. Variants take turns within each seed, in an order that moves on from seed
                to seed.</p>
                <p>The images are few and some labels are wrong on purpose, so that there is something
                to overfit. The rates were not tuned: that of DropPath is the one of Huang et al., the
                others are usual ones.</p>
                <p class="%s">%s</p>
                </section>
                """
                        .formatted(
                                Network.WIDTH,
                                Variant.DROPOUT.rate(),
                                Variant.DROP_PATH.pathRate(),
                                results.resumed() ? "good" : "bad",
                                results.resumed()
                                        ? "Saved and resumed: a training with Dropout and DropPath that"
                                                + " was saved half-way, and went on in a new network,"
                                                + " ended with the bits of one without a break."
                                        : "Saved and resumed: the bits differ from those of a training"
                                                + " without a break."));
    }

    private void environment() {
        html.append("<section>\n<h2>Where and with what</h2>\n<dl>\n");
        results.environment()
                .forEach(
                        (name, fact) ->
                                html.append(
                                        "<dt>%s</dt><dd>%s</dd>\n"
                                                .formatted(escape(name), escape(fact))));
        html.append(
                """
                <dt>seeds</dt><dd>%s</dd>
                </dl>
                <p>Images: E. Alpaydin and C. Kaynak, <i>Optical Recognition of Handwritten Digits</i>,
                UCI Machine Learning Repository, 1998, CC BY 4.0. What is looked at here was first said
                by Srivastava et al., <i>Dropout</i>, 2014; Huang et al., <i>Deep Networks with Stochastic
                Depth</i>, 2016; Veit et al., <i>Residual Networks Behave Like Ensembles of Relatively
                Shallow Networks</i>, 2016; and Li et al., <i>Understanding the Disharmony between Dropout
                and Batch Normalization by Variance Shift</i>, 2018, arXiv 1801.05134.</p>
                </section>
                """
                        .formatted(
                                IntStream.rangeClosed(1, results.mode().seeds())
                                        .mapToObj(Integer::toString)
                                        .collect(Collectors.joining(", "))));
    }
}
