package digits;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Rows of dots in one panel, one dot for each seed, with a mark and a number for their mean. */
final class DotPlot {
    private static final double WIDTH = 320;
    private static final double LEFT = 6;
    private static final double RIGHT = WIDTH - 50;
    private static final double TOP = 30;
    private static final double ROW = 40;

    private record Row(String name, String classes, double[] values) {}

    private final String title;
    private final String xName;
    private final double unit;
    private final List<Row> rows = new ArrayList<>();

    /**
     * Begins a panel.
     *
     * @param unit means are written to this: 0.01 gives two digits
     */
    DotPlot(String title, String xName, double unit) {
        this.title = title;
        this.xName = xName;
        this.unit = unit;
    }

    DotPlot add(String name, String classes, double... values) {
        rows.add(new Row(name, classes, values));
        return this;
    }

    /** Draws. */
    String svg() {
        return svg(least(), greatest());
    }

    /**
     * Draws.
     *
     * @param least the least value of all panels that are read beside each other
     * @param greatest the greatest
     */
    String svg(double least, double greatest) {
        double margin = (greatest - least) * 0.04;
        Scale x = new Scale(least - margin, greatest + margin, LEFT, RIGHT);
        double bottom = TOP + rows.size() * ROW;
        Svg svg = new Svg(WIDTH, bottom + 34, title + ": " + xName);
        svg.text("title", 0, 14, title).text("axis end", WIDTH, TOP - 4, "mean");
        double step = Scale.step(greatest - least);
        for (double mark = Math.ceil(x.least() / step) * step; mark <= x.greatest(); mark += step) {
            svg.line("grid", x.at(mark), TOP, x.at(mark), bottom);
            svg.text("tick middle", x.at(mark), bottom + 15, Words.number(mark, step));
        }
        svg.text("axis end", RIGHT, bottom + 31, xName);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            double y = TOP + i * ROW + 26;
            svg.text("name halo " + row.classes(), LEFT, y - 11, row.name());
            svg.line("row", LEFT, y, RIGHT, y);
            DoubleStream.of(row.values())
                    .forEach(value -> svg.circle("dot " + row.classes(), x.at(value), y, 4));
            double mean = Difference.mean(row.values());
            svg.line("mark " + row.classes(), x.at(mean), y - 9, x.at(mean), y + 9);
            svg.text("value end " + row.classes(), WIDTH, y + 4, Words.number(mean, unit));
        }
        return svg.close();
    }

    double least() {
        return values().min().orElseThrow();
    }

    double greatest() {
        return values().max().orElseThrow();
    }

    private DoubleStream values() {
        return rows.stream().flatMapToDouble(row -> DoubleStream.of(row.values()));
    }
}
