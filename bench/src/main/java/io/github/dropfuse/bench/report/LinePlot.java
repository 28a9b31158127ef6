package io.github.dropfuse.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYShapeAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Lines over the tensor's size, both axes logarithmic, each line named at its right end. */
final class LinePlot {
    private static final Shape DOT = new Ellipse2D.Double(-3, -3, 6, 6);
    private static final Stroke SOLID =
            new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    private static final Stroke DASHED =
            new BasicStroke(
                    2.2f,
                    BasicStroke.CAP_BUTT,
                    BasicStroke.JOIN_ROUND,
                    10,
                    new float[] {7, 4},
                    0);

    /** Room around the lines, as a factor. */
    private static final double MARGIN = 1.35;

    /** Room for the names, as a factor on the size axis. */
    private static final double NAMES = 45;

    /** Pixels between the lower edges of two names. */
    private static final double LINE_HEIGHT = 15.5;

    /** Pixels of a line of the narrow plot's legend. */
    private static final int LEGEND_LINE = 20;

    private record Line(String name, Color color, boolean dashed, List<double[]> points) {}

    private final String title;
    private final String valueName;
    private final List<Line> lines = new ArrayList<>();
    private final XYSeriesCollection data = new XYSeriesCollection();

    LinePlot(String title, String valueName) {
        this.title = title;
        this.valueName = valueName;
    }

    /** Adds a line, unless there are no rows for it. */
    LinePlot add(
            String name, Color color, boolean dashed, List<Row> rows, ToDoubleFunction<Row> value) {
        List<double[]> points =
                rows.stream()
                        .sorted(Comparator.comparingLong(Row::elements))
                        .map(row -> new double[] {row.elements(), value.applyAsDouble(row)})
                        .filter(point -> point[1] > 0)
                        .toList();
        if (points.isEmpty()) {
            return this;
        }
        XYSeries series = new XYSeries(name);
        points.forEach(point -> series.add(point[0], point[1]));
        data.addSeries(series);
        lines.add(new Line(name, color, dashed, points));
        return this;
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Each line is named at its right end. */
    JFreeChart chart(int height) {
        XYPlot plot = plot(NAMES);
        nameLines(plot, height);
        JFreeChart chart = new JFreeChart(title, JFreeChart.DEFAULT_TITLE_FONT, plot, false);
        Style.apply(chart);
        return chart;
    }

    /** For a screen without room beside the lines: they are named below. */
    JFreeChart narrowChart() {
        JFreeChart chart =
                new JFreeChart(title, JFreeChart.DEFAULT_TITLE_FONT, plot(MARGIN), true);
        Style.applyNarrow(chart);
        return chart;
    }

    int narrowHeight() {
        return 380 + LEGEND_LINE * lines.size();
    }

    private XYPlot plot(double room) {
        double lowest = least(1) / MARGIN;
        double highest = greatest(1) * MARGIN;
        double[] sizesMeasured =
                lines.stream()
                        .flatMap(line -> line.points().stream())
                        .mapToDouble(point -> point[0])
                        .distinct()
                        .toArray();
        MarkedLogAxis sizes = new MarkedLogAxis("elements", sizesMeasured, Sizes::text);
        sizes.setRange(least(0) / MARGIN, greatest(0) * room);
        MarkedLogAxis values =
                new MarkedLogAxis(
                        valueName, MarkedLogAxis.decimal(lowest, highest), LinePlot::decimal);
        values.setRange(lowest, highest);
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
        for (int i = 0; i < lines.size(); i++) {
            boolean dashed = lines.get(i).dashed();
            renderer.setSeriesPaint(i, lines.get(i).color());
            renderer.setSeriesStroke(i, dashed ? DASHED : SOLID);
            renderer.setSeriesShape(i, DOT);
            renderer.setSeriesShapesVisible(i, !dashed);
        }
        renderer.setDrawSeriesLineAsPath(true);
        return new XYPlot(data, sizes, values, renderer);
    }

    private static String decimal(double value) {
        return value >= 1 ? Long.toString(Math.round(value)) : Float.toString((float) value);
    }

    /** Names keep the order of the lines' ends and are moved apart where they would touch. */
    private void nameLines(XYPlot plot, int height) {
        double range = Math.log(greatest(1) * MARGIN / (least(1) / MARGIN));
        double left = greatest(0) * 1.2;
        Rectangle2D names =
                new Rectangle2D.Double(
                        left, least(1) / MARGIN / 2, greatest(0) * NAMES * 2, greatest(1) * 10);
        plot.addAnnotation(new XYShapeAnnotation(names, null, null, Color.WHITE));
        double gap = range / (height - 110) * LINE_HEIGHT;
        List<Line> ordered = new ArrayList<>(lines);
        ordered.sort(Comparator.comparingDouble(line -> line.points().getLast()[1]));
        double[] places = new double[ordered.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = Math.log(ordered.get(i).points().getLast()[1]);
        }
        spread(places, gap);
        for (int i = 0; i < places.length; i++) {
            Line line = ordered.get(i);
            XYTextAnnotation name =
                    new XYTextAnnotation(line.name(), greatest(0) * 1.35, Math.exp(places[i]));
            name.setTextAnchor(TextAnchor.CENTER_LEFT);
            name.setFont(Style.font(Font.BOLD, 12));
            name.setPaint(line.color());
            plot.addAnnotation(name);
        }
    }

    /** Moves ascending places apart, by as little as a few rounds of pushing neighbours need. */
    static void spread(double[] places, double gap) {
        for (int round = 0; round < 200; round++) {
            for (int i = 1; i < places.length; i++) {
                double lack = gap - (places[i] - places[i - 1]);
                if (lack > 0) {
                    places[i - 1] -= lack / 2;
                    places[i] += lack / 2;
                }
            }
        }
    }

    private double least(int coordinate) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> point[coordinate])
                .min()
                .orElse(1);
    }

    private double greatest(int coordinate) {
        return lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(point -> point[coordinate])
                .max()
                .orElse(1);
    }
}
