package digits;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lines in one panel: a thin one for each seed, a strong one for their mean, which is named at its
 * right end.
 */
final class LinePlot {
    private static final double HEIGHT = 250;
    private static final double LEFT = 34;
    private static final double RIGHT = 240;
    private static final double TOP = 44;
    private static final double BOTTOM = HEIGHT - 36;

    /** Pixels between two names. */
    private static final double LINE_HEIGHT = 14;

    private record Line(String name, String classes, List<List<double[]>> seeds) {
        List<double[]> mean() {
            List<double[]> mean = new ArrayList<>();
            for (int i = 0; i < seeds.getFirst().size(); i++) {
                int point = i;
                double y =
                        Difference.mean(
                                seeds.stream().mapToDouble(seed -> seed.get(point)[1]).toArray());
                mean.add(new double[] {seeds.getFirst().get(i)[0], y});
            }
            return mean;
        }
    }

    private record Name(String text, String classes, double y) {}

    private final String title;
    private final String xName;
    private final String yName;
    private final double width;
    private final List<Line> lines = new ArrayList<>();
    private double least;
    private double greatest;
    private boolean shaded;

    /**
     * Begins a panel.
     *
     * @param room pixels at the right, for names
     */
    LinePlot(String title, String xName, String yName, double room) {
        this.title = title;
        this.xName = xName;
        this.yName = yName;
        this.width = RIGHT + room;
    }

    /** Sets the range of the values. What lies outside is cut off. */
    LinePlot range(double least, double greatest) {
        this.least = least;
        this.greatest = greatest;
        return this;
    }

    /**
     * Adds a line.
     *
     * @param seeds for each seed its points (x, y), which are at the same x for all
     */
    LinePlot add(String name, String classes, List<List<double[]>> seeds) {
        lines.add(new Line(name, classes, seeds));
        return this;
    }

    /** Shades where the mean of the first line is above that of the second. */
    LinePlot shadeAbove() {
        shaded = true;
        return this;
    }

    String svg() {
        List<double[]> first = lines.getFirst().seeds().getFirst();
        Scale x = new Scale(first.getFirst()[0], first.getLast()[0], LEFT, RIGHT);
        Scale y = new Scale(least, greatest, BOTTOM, TOP);
        Svg svg = new Svg(width, HEIGHT, title + ": " + yName + " over " + xName);
        svg.text("title", 0, 14, title).text("axis", 0, TOP - 12, yName);
        axes(svg, x, y);
        if (shaded) {
            List<double[]> above = placed(lines.get(0).mean(), x, y);
            List<double[]> below = placed(lines.get(1).mean(), x, y);
            List<double[]> outline = new ArrayList<>(below);
            for (int i = above.size() - 1; i >= 0; i--) {
                double top = Math.min(above.get(i)[1], below.get(i)[1]);
                outline.add(new double[] {above.get(i)[0], top});
            }
            svg.polygon("gap", outline);
        }
        for (Line line : lines) {
            line.seeds().forEach(
                    seed -> svg.polyline("seed " + line.classes(), placed(seed, x, y)));
        }
        List<Name> names = new ArrayList<>();
        for (Line line : lines) {
            List<double[]> mean = placed(line.mean(), x, y);
            svg.polyline("mean " + line.classes(), mean);
            names.add(new Name(line.name(), line.classes(), mean.getLast()[1]));
        }
        name(svg, names);
        return svg.close();
    }

    private List<double[]> placed(List<double[]> points, Scale x, Scale y) {
        return points.stream()
                .map(
                        point ->
                                new double[] {
                                    x.at(point[0]), y.at(Math.clamp(point[1], least, greatest))
                                })
                .toList();
    }

    private void axes(Svg svg, Scale x, Scale y) {
        double step = Scale.step(greatest - least);
        for (double mark = Math.ceil(least / step) * step; mark < greatest + step / 100;
                mark += step) {
            svg.line("grid", LEFT, y.at(mark), RIGHT, y.at(mark));
            svg.text("tick end", LEFT - 6, y.at(mark) + 4, Words.number(mark, step));
        }
        double xStep = Math.max(1, Scale.step(x.greatest() - x.least()));
        for (double mark = Math.ceil(x.least() / xStep) * xStep; mark <= x.greatest();
                mark += xStep) {
            svg.text("tick middle", x.at(mark), BOTTOM + 16, Words.number(mark, xStep));
        }
        svg.text("axis end", RIGHT, BOTTOM + 32, xName);
    }

    /** Names that would overlap move down, or all of them up where there is no room. */
    private void name(Svg svg, List<Name> names) {
        names.sort(Comparator.comparingDouble(Name::y));
        double[] places = new double[names.size()];
        double free = TOP;
        for (int i = 0; i < places.length; i++) {
            places[i] = Math.max(names.get(i).y() + 4, free);
            free = places[i] + LINE_HEIGHT;
        }
        double limit = BOTTOM + 4;
        for (int i = places.length - 1; i >= 0; i--) {
            places[i] = Math.min(places[i], limit);
            limit = places[i] - LINE_HEIGHT;
        }
        for (int i = 0; i < places.length; i++) {
            svg.text("name " + names.get(i).classes(), RIGHT + 6, places[i], names.get(i).text());
        }
    }
}
