package digits;

import digits.Findings.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The figures of the page, with titles and sentences that follow from the results. */
final class Figures {
    /**
     * A figure.
     *
     * @param name its anchor
     * @param title what is seen
     * @param caption what is drawn
     * @param panels SVG
     * @param compared what the sentences compare
     * @param sentences what the numbers say
     */
    record Figure(
            String name,
            String title,
            String caption,
            List<String> panels,
            String compared,
            List<String> sentences) {}

    private static final List<Variant> MAIN = Variant.with(Variant.Norm.LAYER);
    private static final List<Variant> BATCH = Variant.with(Variant.Norm.BATCH);

    /** Losses above this are of the first epochs, and are cut off. */
    private static final double HIGHEST_LOSS = 2.5;

    private static final int EARLY = 10;

    private static final String BESIDE_NOTHING = ", compared with nothing dropped, seed by seed";

    private final Results results;
    private final Findings findings;
    private final int deep;
    private final int early;
    private final Quantity gap = new Quantity(run -> run.last().gap(), 0.001);
    private final Quantity accuracy =
            new Quantity(run -> run.last().test().accuracy(), 100, 0.1, " points");
    private final Quantity earlyLoss;

    Figures(Results results) {
        this.results = results;
        findings = new Findings(results);
        deep = results.mode().deep();
        early = Math.min(EARLY, results.mode().epochs());
        earlyLoss = new Quantity(run -> run.at(early).train().loss(), 0.001);
    }

    List<Figure> all() {
        return List.of(curves(), accuracies(), convergence(), shortened(), variance(), corrected(), time());
    }

    /** Panels of training and test loss for the deep network. */
    private Figure curves() {
        List<String> panels = new ArrayList<>();
        for (Variant variant : MAIN) {
            panels.add(
                    new LinePlot(variant.label(), "epoch", "loss", 60)
                            .range(0, HIGHEST_LOSS)
                            .add("test", style(variant), lines(variant, deep, p -> p.test().loss()))
                            .add("training", "training", lines(variant, deep, p -> p.train().loss()))
                            .shadeAbove()
                            .svg());
        }
        panels.add(dots("The gap at the end", "test loss − training loss", deep, 0.01, gap.value())
                .svg());
        return new Figure(
                "curves",
                verdict(
                        MAIN,
                        gap,
                        new Claim(
                                Difference::isLower,
                                "narrows the gap between training and test loss",
                                "narrow the gap between training and test loss"),
                        new Claim(Difference::isHigher, "widens the gap", "widen the gap"),
                        "The gap between training and test loss: no clear difference"),
                "Mean cross entropy of the network with " + deep + " branches, nothing dropped when"
                        + " it is measured. Thin lines are seeds, strong lines their means. The"
                        + " training loss counts wrong labels, so it begins above the test loss."
                        + " Where it is below it, shaded, the network fits its own images better"
                        + " than others. Losses above " + HIGHEST_LOSS + " are cut off. In the last"
                        + " panel a dot is a seed, a bar the mean.",
                panels,
                "The gap at the end" + BESIDE_NOTHING,
                sentences(deep, gap));
    }

    private Figure accuracies() {
        List<String> sentences = new ArrayList<>();
        for (int depth : results.mode().depths()) {
            sentences.addAll(sentences(depth, accuracy));
        }
        return new Figure(
                "accuracy",
                verdict(
                        MAIN,
                        accuracy,
                        new Claim(
                                Difference::isHigher,
                                "improves the test accuracy of the deep network",
                                "improve the test accuracy of the deep network"),
                        new Claim(Difference::isLower, "lowers the accuracy", "lower the accuracy"),
                        "Test accuracy of the deep network: no clear improvement"),
                "Test accuracy after the last epoch, of the shallow and of the deep network. A dot is"
                        + " a seed, a bar the mean.",
                dots("test accuracy, %", 0.1, run -> 100 * accuracy.value().applyAsDouble(run)),
                "Test accuracy" + BESIDE_NOTHING,
                sentences);
    }

    private Figure convergence() {
        List<String> panels = new ArrayList<>();
        for (int depth : results.mode().depths()) {
            LinePlot plot =
                    new LinePlot(depth + " branches", "epoch", "training loss", 122)
                            .range(0, HIGHEST_LOSS);
            for (Variant variant : MAIN) {
                plot.add(
                        variant.label(), style(variant),
                        lines(variant, depth, p -> p.train().loss()));
            }
            panels.add(plot.svg());
        }
        return new Figure(
                "convergence",
                verdict(
                        MAIN,
                        earlyLoss,
                        new Claim(Difference::isHigher, "learns more slowly", "learn more slowly"),
                        new Claim(Difference::isLower, "learns faster", "learn faster"),
                        "Convergence: no clear difference"),
                "The training loss again, all variants beside each other.",
                panels,
                "Training loss after epoch " + early + BESIDE_NOTHING,
                sentences(deep, earlyLoss));
    }

    private Figure shortened() {
        int removed = Math.max(1, deep / 4);
        Quantity loss =
                new Quantity(run -> run.shortened().getFirst() - run.shortened().get(removed),
                        100,
                        0.1,
                        " points");
        List<Variant> variants =
                List.of(Variant.NONE, Variant.DROPOUT, Variant.DROP_PATH, Variant.BOTH);
        List<String> panels = new ArrayList<>();
        for (int depth : results.mode().depths()) {
            LinePlot plot =
                    new LinePlot(
                                    depth + " branches", "branches left out", "test accuracy, %",
                                    122)
                            .range(0, 100);
            for (Variant variant : variants) {
                plot.add(
                        variant.label(),
                        style(variant),
                        results.of(variant, depth).stream()
                                .map(run -> numbered(run.shortened(), 0, 100))
                                .toList());
            }
            panels.add(plot.svg());
        }
        return new Figure(
                "shortened",
                verdict(
                        variants,
                        loss,
                        new Claim(
                                Difference::isLower,
                                "teaches branches to do without each other",
                                "teach branches to do without each other"),
                        new Claim(
                                Difference::isHigher,
                                "makes branches need each other more",
                                "make branches need each other more"),
                        "Branches left out: no clear difference"),
                "Branches of the trained networks are left out at random, without training again:"
                        + " the mean of 4 draws for each seed. With DropPath the last branch was"
                        + " dropped with probability " + Variant.DROP_PATH.pathRate() + ", the first"
                        + " never.",
                panels,
                "Accuracy that is lost with " + removed + " of " + deep + " branches"
                        + BESIDE_NOTHING,
                findings.sentences(variants, Variant.NONE, deep, loss));
    }

    private Figure variance() {
        LinePlot plot =
                new LinePlot(
                                "What BatchNorm sees / what it divides by",
                                "BatchNorm, from the first to the last",
                                "variance in evaluation / running variance",
                                122)
                        .range(0, 1.4);
        for (Variant variant : BATCH) {
            plot.add(
                    shortLabel(variant),
                    style(variant),
                    results.of(variant, deep).stream()
                            .map(run -> numbered(run.ratios(), 1, 1))
                            .toList());
        }
        Quantity ratio = new Quantity(Figures::meanRatio, 0.01);
        Difference before =
                findings.difference(
                        Variant.BATCH_BEFORE, Variant.BATCH_NONE, deep, ratio.value());
        double seen =
                Difference.mean(
                        results.of(Variant.BATCH_BEFORE, deep).stream()
                                .mapToDouble(Figures::meanRatio)
                                .toArray());
        return new Figure(
                "variance",
                before.isLower()
                        ? Svg.format(
                                "Dropout before BatchNorm shifts its variance: in evaluation it sees"
                                        + " %.2f of what it divides by, on average",
                                seen)
                        : "Dropout before BatchNorm: no clear shift of variance",
                "The same network with BatchNorm, " + deep + " branches of two each, and p = "
                        + Variant.BATCH_BEFORE.rate() + ". Kept elements are multiplied by"
                        + " 1 / (1 − p), which keeps the mean and raises the variance, in training"
                        + " only. The running variance is from training. 1 is no shift. The second"
                        + " BatchNorm of a branch, right behind its Dropout, has the lower points.",
                List.of(plot.svg()),
                "The mean ratio, compared with no Dropout, seed by seed",
                findings.sentences(BATCH, Variant.BATCH_NONE, deep, ratio));
    }

    private Figure corrected() {
        DotPlot loss = new DotPlot("test loss", "test loss", 0.001);
        DotPlot accuracies = new DotPlot("test accuracy", "test accuracy, %", 0.1);
        List<String> sentences = new ArrayList<>();
        for (Variant variant : BATCH) {
            List<Run> runs = results.of(variant, deep);
            loss.add(variant.label(), style(variant), values(runs, run -> run.last().test().loss()));
            accuracies.add(
                    variant.label(), style(variant),
                    values(runs, run -> 100 * run.last().test().accuracy()));
            if (variant == Variant.BATCH_BEFORE) {
                loss.add(
                        "… with statistics taken again", style(variant) + " hollow",
                        values(runs, run -> run.corrected().loss()));
                accuracies.add(
                        "… with statistics taken again", style(variant) + " hollow",
                        values(runs, run -> 100 * run.corrected().accuracy()));
            }
        }
        Difference cost = cost(run -> run.corrected().loss(), run -> run.last().test().loss());
        Difference points =
                cost(run -> run.corrected().accuracy(), run -> run.last().test().accuracy());
        sentences.add(
                "Statistics taken again, test loss: "
                        + findings.text(cost, new Quantity(null, 0.001)));
        sentences.add(
                "Statistics taken again, test accuracy: " + findings.text(points, accuracy));
        findings.sentences(BATCH, Variant.BATCH_NONE, deep, accuracy)
                .forEach(
                        text ->
                                sentences.add(
                                        "Test accuracy, compared with no Dropout: " + text));
        return new Figure(
                "corrected",
                cost.isLower() || points.isHigher()
                        ? "The shift costs something: with its statistics taken again, the same"
                                + " network does better"
                        : "What the shift costs here cannot be told from the spread",
                "The networks of the figure above after the last epoch. For the hollow dots every"
                        + " BatchNorm took its running statistics again from the training images,"
                        + " with nothing dropped; no other parameter changed. Dropout before BatchNorm"
                        + " is in every branch and Dropout after the last one is there once, so they"
                        + " also differ in how much they drop.",
                List.of(loss.svg(), accuracies.svg()),
                "Differences, seed by seed",
                sentences);
    }

    /** What changes within the runs of Dropout before BatchNorm. */
    private Difference cost(ToDoubleFunction<Run> after, ToDoubleFunction<Run> before) {
        return Difference.of(
                values(
                        results.of(Variant.BATCH_BEFORE, deep),
                        run -> after.applyAsDouble(run) - before.applyAsDouble(run)));
    }

    private Figure time() {
        Quantity millis = new Quantity(Run::millis, 1, 0.1, " ms");
        Difference djl =
                findings.difference(Variant.DROPOUT, Variant.DJL_DROPOUT, deep, Run::millis);
        return new Figure(
                "time",
                djl.isLower()
                        ? "An epoch takes less time with Dropfuse's Dropout than with DJL's"
                        : djl.isHigher()
                                ? "An epoch takes more time with Dropfuse's Dropout than with DJL's"
                                : "Time of an epoch: Dropfuse's Dropout and DJL's cannot be told"
                                        + " apart",
                "Processor time of the training thread, the median epoch of each seed. Other"
                        + " programs ran on the machine, so compare rows, not machines.",
                dots("ms per epoch", 0.1, Run::millis),
                "Dropfuse's Dropout, compared with DJL's, seed by seed",
                List.of(deep + " branches: " + findings.text(djl, millis)));
    }

    private List<String> sentences(int depth, Quantity quantity) {
        return findings.sentences(MAIN, Variant.NONE, depth, quantity);
    }

    /** A panel for each depth, with one scale. */
    private List<String> dots(String name, double unit, ToDoubleFunction<Run> value) {
        List<DotPlot> plots =
                results.mode().depths().stream()
                        .map(depth -> dots(depth + " branches", name, depth, unit, value))
                        .toList();
        double least = plots.stream().mapToDouble(DotPlot::least).min().orElseThrow();
        double greatest = plots.stream().mapToDouble(DotPlot::greatest).max().orElseThrow();
        return plots.stream().map(plot -> plot.svg(least, greatest)).toList();
    }

    private DotPlot dots(
            String title, String name, int depth, double unit, ToDoubleFunction<Run> value) {
        DotPlot plot = new DotPlot(title, name, unit);
        for (Variant variant : MAIN) {
            plot.add(variant.label(), style(variant), values(results.of(variant, depth), value));
        }
        return plot;
    }

    private static double[] values(List<Run> runs, ToDoubleFunction<Run> value) {
        return runs.stream().mapToDouble(value).toArray();
    }

    private List<List<double[]>> lines(
            Variant variant, int depth, Function<Point, Float> value) {
        return results.of(variant, depth).stream()
                .map(
                        run ->
                                run.curve().stream()
                                        .map(p -> new double[] {p.epoch(), value.apply(p)})
                                        .toList())
                .toList();
    }

    private static List<double[]> numbered(List<Float> values, int first, double factor) {
        return IntStream.range(0, values.size())
                .mapToObj(i -> new double[] {first + i, values.get(i) * factor})
                .toList();
    }

    private static double meanRatio(Run run) {
        return run.ratios().stream().mapToDouble(Float::doubleValue).average().orElseThrow();
    }

    /** Says which variants of the deep network differ from nothing dropped, and in which direction. */
    private String verdict(
            List<Variant> variants,
            Quantity quantity,
            Claim expected,
            Claim contrary,
            String otherwise) {
        List<String> claims =
                Stream.of(expected, contrary)
                        .map(
                                claim ->
                                        claim.about(
                                                findings.those(
                                                        variants,
                                                        Variant.NONE,
                                                        deep,
                                                        quantity,
                                                        claim.difference())))
                        .filter(text -> !text.isEmpty())
                        .toList();
        return claims.isEmpty() ? otherwise : String.join("; ", claims);
    }

    /**
     * What is said of variants that differ.
     *
     * @param difference how they differ
     * @param verb what one of them does
     * @param verbs what several do
     */
    private record Claim(Predicate<Difference> difference, String verb, String verbs) {
        String about(List<String> names) {
            return names.isEmpty()
                    ? ""
                    : Words.list(names) + " " + (names.size() == 1 ? verb : verbs);
        }
    }

    private static String shortLabel(Variant variant) {
        return switch (variant) {
            case BATCH_BEFORE -> "Dropout before";
            case BATCH_AFTER -> "Dropout after all";
            default -> variant.label();
        };
    }

    private static String style(Variant variant) {
        return variant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
