package io.github.dropfuse.bench.report;

import io.github.dropfuse.cli.bench.BenchKernel;
import java.awt.Color;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jfree.chart.JFreeChart;

/** The plots of the report. */
final class Figures {
    /** Sizes of the comparisons; the small calls have a plot of their own. */
    private static final long SMALLEST = 4096;

    /** All other sizes are powers of two. */
    private static final long ODD_SIZE = 1_210_368;

    /** What has plots of its own. */
    private static final Set<String> PLAIN =
            Set.of("forward", "backward", "stored-mask", "mask", "droppath");

    private static final int WIDTH = 980;
    private static final int HEIGHT = 600;

    /**
     * A plot, as it is on a wide and on a small screen.
     *
     * @param name of its files
     * @param chart the plot
     * @param width in pixels
     * @param height in pixels
     * @param narrow the plot for a small screen
     * @param narrowHeight in pixels
     * @param caption what it shows
     */
    record Figure(
            String name,
            JFreeChart chart,
            int width,
            int height,
            JFreeChart narrow,
            int narrowHeight,
            String caption) {
        /** What is left of 390 pixels between the page's margins. */
        static final int NARROW_WIDTH = 358;

        static Figure of(String name, BarPlot plot, int width, String caption) {
            return new Figure(
                    name, plot.chart(), width, plot.height(), plot.narrowChart(),
                    plot.narrowHeight(), caption);
        }
    }

    private final Results results;
    private final String suffix;
    private final List<Figure> figures = new ArrayList<>();

    private Figures(Results results, String suffix) {
        this.results = results;
        this.suffix = suffix;
    }

    /** The plots of a machine, whose names end with a suffix. */
    static List<Figure> of(Results results, String suffix) {
        Figures figures = new Figures(results, suffix);
        figures.contenders(
                "time",
                "Dropout forward, float32, p = 0.1, one thread: time per element",
                "nanoseconds per element",
                Row::nanosPerElement,
                "Java's copy",
                "Each line is a contender, the dashed one Java's copy of the same tensor. "
                        + "Out of place unless a name says otherwise.");
        figures.contenders(
                "ratio",
                "Dropout forward, float32, p = 0.1, one thread: times a plain copy",
                "time / time of a plain copy",
                row -> row.kernel().equals("memcpy") ? 1 : row.ratio(),
                "a plain copy",
                "The same, divided by the time of a plain copy that was measured in the same "
                        + "process before and after each sample: Java's or the C library's, "
                        + "whichever was faster.");
        figures.kernels();
        figures.types();
        figures.threads();
        figures.dropPath();
        figures.forms();
        figures.smallCalls();
        return figures.figures;
    }

    private void contenders(
            String name,
            String title,
            String valueName,
            ToDoubleFunction<Row> value,
            String copy,
            String caption) {
        LinePlot plot = new LinePlot(title, valueName);
        Predicate<Row> plain =
                row ->
                        row.dtype().equals("float32")
                                && row.p() == 0.1
                                && row.threads().equals("1")
                                && row.elements() >= SMALLEST
                                && row.elements() != ODD_SIZE;
        Predicate<Row> forward = plain.and(row -> row.kernel().equals("forward"));
        plot.add(copy, Style.MEMCPY, true, results.where(plain.and(by(Contenders.MEMCPY))), value);
        Color[] shades = {Style.BEST, Style.SECOND, Style.THIRD};
        int tier = 0;
        for (String backend : backends()) {
            Predicate<Row> ours = forward.and(by(Contenders.DROPFUSE)).and(on(backend));
            String label = "Dropfuse " + backend;
            Color color = shades[Math.min(tier, shades.length - 1)];
            if (backend.equals("reference/java")) {
                color = Style.REFERENCE;
            } else if (backend.startsWith("java/")) {
                color = Style.JAVA;
            } else if (tier++ == 0) {
                plot.add(label + ", in place", Style.IN_PLACE, false,
                        results.where(ours.and(Row::inPlace)), value);
            }
            plot.add(label, color, false, results.where(ours.and(row -> !row.inPlace())), value);
        }
        plot.add("plain Java, one loop", Style.LOOP, false,
                results.where(forward.and(by(Contenders.LOOP))), value);
        plot.add("plain Java, two passes", Style.TWO_PASS, false,
                results.where(forward.and(by(Contenders.TWO_PASS))), value);
        plot.add("PyTorch (DJL)", Style.PYTORCH, false,
                results.where(forward.and(by(Contenders.PYTORCH_DJL))), value);
        plot.add("PyTorch (Python)", Style.PYTHON, false,
                results.where(forward.and(row ->
                        Contenders.isPyTorchInPython(row.contender()) && !row.inPlace())), value);
        plot.add("ND4J", Style.ND4J, false,
                results.where(forward.and(by(Contenders.ND4J)).and(row -> !row.inPlace())), value);
        add(name, plot, caption);
    }

    private void kernels() {
        LinePlot plot =
                new LinePlot(
                        "Dropfuse " + best() + ", float32, p = 0.1, one thread: each kernel",
                        "time / time of a plain copy");
        Predicate<Row> ours = ours(best(), "float32", "1");
        Map<String, Color> kernels =
                Map.of("forward", Style.BEST, "stored-mask", Style.SECOND, "mask", Style.ND4J);
        for (String kernel : List.of("forward", "stored-mask", "mask")) {
            plot.add(words(kernel), kernels.get(kernel), false,
                    results.where(ours.and(does(kernel, false))), Row::ratio);
        }
        plot.add("forward, in place", Style.IN_PLACE, false,
                results.where(ours.and(does("forward", true))), Row::ratio);
        plot.add("backward", Style.PYTORCH, false,
                results.where(ours.and(does("backward", false))), Row::ratio);
        plot.add("stored mask, in place", Style.THIRD, false,
                results.where(ours.and(does("stored-mask", true))), Row::ratio);
        copyLine(plot);
        add("kernels", plot, "1 is a plain copy. A stored mask is applied without drawing; the "
                + "mask alone is drawn without a tensor.");
    }

    private void types() {
        LinePlot plot =
                new LinePlot(
                        "Dropfuse " + best() + ", forward, p = 0.1, one thread: each type",
                        "time / time of a plain copy");
        Map<String, Color> types =
                Map.of("float32", Style.BEST, "float64", Style.SECOND, "float16", Style.PYTORCH,
                        "bfloat16", Style.ND4J);
        for (String type : List.of("float32", "float64", "float16", "bfloat16")) {
            plot.add(type, types.get(type), false,
                    results.where(ours(best(), type, "1").and(does("forward", false))),
                    Row::ratio);
        }
        copyLine(plot);
        add("types", plot, "Each type against a plain copy of its own bytes.");
    }

    private void threads() {
        LinePlot plot =
                new LinePlot(
                        "Dropfuse " + best() + ", float32, p = 0.1: one thread and all",
                        "nanoseconds per element");
        for (String threads : List.of("1", "all")) {
            boolean one = threads.equals("1");
            String suffix = one ? ", one thread" : ", all threads";
            Predicate<Row> ours = ours(best(), "float32", threads);
            plot.add("Java's copy" + suffix, one ? Style.MEMCPY : Style.REFERENCE, true,
                    results.where(by(Contenders.MEMCPY).and(usual("float32", threads))),
                    Row::nanosPerElement);
            plot.add("forward" + suffix, one ? Style.BEST : Style.SECOND, false,
                    results.where(ours.and(does("forward", false))), Row::nanosPerElement);
            plot.add("in place" + suffix, one ? Style.IN_PLACE : Style.THIRD, false,
                    results.where(ours.and(does("forward", true))), Row::nanosPerElement);
        }
        add("threads", plot, "All threads are as many as there are processors. Small calls are "
                + "not split.");
    }

    private void dropPath() {
        BarPlot plot =
                new BarPlot(
                        "DropPath, rows of 197 × 768 float32, one thread: times a plain copy",
                        "time / time of a plain copy", number("0.00"));
        plot.add("a plain copy of all rows", Style.MEMCPY, 1);
        List<Row> rows =
                results.where(r -> r.kernel().equals("droppath")
                                && r.threads().equals("1")
                                && r.dtype().equals("float32")
                                && (backend(r).equals(best())
                                        || r.contender().equals(Contenders.PYTORCH_DJL)))
                        .stream()
                        .sorted(Comparator.comparingLong(Row::elements)
                                .thenComparingDouble(Row::p)
                                .thenComparing(row -> !row.inPlace())
                                .thenComparing(Row::contender))
                        .toList();
        for (Row row : rows) {
            boolean ours = row.contender().equals(Contenders.DROPFUSE);
            String label =
                    row.elements() / (197 * 768) + " rows, p = " + row.p() + ": "
                            + (ours ? "Dropfuse" : row.contender())
                            + (row.inPlace() ? ", in place" : "");
            Color color = !ours ? Style.PYTORCH : row.inPlace() ? Style.IN_PLACE : Style.BEST;
            plot.add(label, color, row.ratio());
        }
        if (!rows.isEmpty()) {
            figures.add(Figure.of("droppath" + suffix, plot, WIDTH,
                    "Dropped rows are not read; in place, they are only zeroed."));
        }
    }

    /** What there is beside Dropout and DropPath. */
    private void forms() {
        List<String> forms =
                BenchKernel.all().stream()
                        .map(BenchKernel::name)
                        .filter(name -> !PLAIN.contains(name))
                        .toList();
        List<Row> rows =
                results.where(
                        by(Contenders.DROPFUSE).and(on(best())).and(row ->
                                row.dtype().equals("float32")
                                        && row.threads().equals("1")
                                        && forms.contains(row.kernel())));
        long largest = rows.stream().mapToLong(Row::elements).max().orElse(0);
        BarPlot plot =
                new BarPlot(
                        "Dropfuse " + best() + ", each form, float32, one thread: times its limit",
                        "time / time of the limit", number("0.00"));
        plot.add("the limit", Style.MEMCPY, 1);
        Map<String, Color> limits =
                Map.of(Row.COPY, Style.BEST, Row.SUM, Style.SECOND, Row.SUM_IN_PLACE,
                        Style.THIRD);
        forms.forEach(kernel -> rows.stream()
                .filter(row -> row.kernel().equals(kernel) && row.elements() > largest / 2)
                .sorted(Comparator.comparing(Row::inPlace).thenComparingDouble(Row::p))
                .forEach(row -> plot.add(
                        kernel + (row.inPlace() ? ", in place" : "") + ", p = " + row.p() + ": "
                                + row.limit(),
                        limits.get(row.limit()), row.ratio())));
        if (!rows.isEmpty()) {
            figures.add(Figure.of("forms" + suffix, plot, WIDTH,
                    "About " + Sizes.text(Math.scalb(1.0, Math.getExponent(largest)))
                            + " elements. A form's limit, after the colon, is a plain copy of the "
                            + "tensor, or a plain loop in C that adds two tensors, with the faster "
                            + "of ordinary stores and stores that bypass the cache. What is "
                            + "dropped as a whole is not read, so a form may take less. Kept "
                            + "samples and tokens are a part, so at p = 0.5 gathering them moves "
                            + "about half of what the copy moves; a gradient of a bias reads one "
                            + "tensor and writes next to nothing, also half, and that of γ reads "
                            + "the kept rows of two."));
        }
    }

    private void smallCalls() {
        BarPlot plot =
                new BarPlot("A call on 64 float32 elements, p = 0.1", "nanoseconds per call",
                        number("0.0"));
        Map<String, String> labels = SmallCalls.labels();
        for (String kernel : labels.keySet()) {
            for (Row row : results.where(
                    by(Contenders.SMALL_CALL).and(r -> r.kernel().equals(kernel)))) {
                boolean ours = kernel.startsWith("layer");
                boolean empty = kernel.startsWith("empty");
                plot.add(labels.get(kernel),
                        ours ? Style.BEST : empty ? Style.REFERENCE : Style.SECOND, row.nanos());
            }
        }
        if (!plot.isEmpty()) {
            figures.add(Figure.of("small-calls" + suffix, plot, WIDTH,
                    "What stands between a caller in Java and the kernel. The kernel called by a "
                            + "loop in C is the floor."));
        }
    }

    private void copyLine(LinePlot plot) {
        plot.add("a plain copy", Style.MEMCPY, true,
                results.where(by(Contenders.MEMCPY).and(usual("float32", "1"))), row -> 1);
    }

    private void add(String name, LinePlot plot, String caption) {
        if (!plot.isEmpty()) {
            figures.add(
                    new Figure(
                            name + suffix, plot.chart(HEIGHT), WIDTH, HEIGHT, plot.narrowChart(),
                            plot.narrowHeight(), caption));
        }
    }

    private String best() {
        return backends().stream().findFirst().orElse("native");
    }

    /** In the order in which they were measured: the best first. */
    private List<String> backends() {
        return results.where(by(Contenders.DROPFUSE).and(row -> row.kernel().equals("forward")))
                .stream()
                .map(Figures::backend)
                .distinct()
                .toList();
    }

    private static String backend(Row row) {
        return row.backend() + "/" + row.tier();
    }

    private static Predicate<Row> by(String contender) {
        return row -> row.contender().equals(contender);
    }

    private static Predicate<Row> on(String backend) {
        return row -> backend(row).equals(backend);
    }

    private static Predicate<Row> does(String kernel, boolean inPlace) {
        return row -> row.kernel().equals(kernel) && row.inPlace() == inPlace;
    }

    private static Predicate<Row> ours(String backend, String dtype, String threads) {
        return by(Contenders.DROPFUSE).and(on(backend)).and(usual(dtype, threads));
    }

    private static Predicate<Row> usual(String dtype, String threads) {
        return row ->
                row.dtype().equals(dtype)
                        && row.threads().equals(threads)
                        && row.p() == 0.1
                        && row.elements() >= SMALLEST
                        && row.elements() != ODD_SIZE;
    }

    private static String words(String kernel) {
        return switch (kernel) {
            case "stored-mask" -> "stored mask";
            case "mask" -> "mask alone";
            default -> kernel;
        };
    }

    private static NumberFormat number(String pattern) {
        return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    }
}
