package io.github.dropfuse.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;

/** Bars from zero, one below the other, each with its name before and its figure behind it. */
final class BarPlot {
    private final String title;
    private final String valueName;
    private final NumberFormat format;
    private final DefaultCategoryDataset data = new DefaultCategoryDataset();
    private final List<Bar> bars = new ArrayList<>();

    /** A line of the plot; two may have the same name. */
    private record Bar(int place, String name, Color color, String text, boolean heading)
            implements Comparable<Bar> {
        @Override
        public int compareTo(Bar other) {
            return Integer.compare(place, other.place);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    BarPlot(String title, String valueName, NumberFormat format) {
        this.title = title;
        this.valueName = valueName;
        this.format = format;
    }

    BarPlot add(String name, Color color, double value) {
        return add(name, color, value, format.format(value));
    }

    /** A bar with a text behind it. */
    BarPlot add(String name, Color color, double value, String text) {
        return add(new Bar(bars.size(), name, color, text, false), value);
    }

    /** A name for the bars below it. */
    BarPlot heading(String name) {
        return add(new Bar(bars.size(), name, Color.BLACK, "", true), null);
    }

    private BarPlot add(Bar bar, Double value) {
        data.addValue(value, "", bar);
        bars.add(bar);
        return this;
    }

    boolean isEmpty() {
        return bars.isEmpty();
    }

    int height() {
        return 110 + 32 * bars.size();
    }

    int narrowHeight() {
        return 130 + 46 * bars.size();
    }

    JFreeChart chart() {
        JFreeChart chart = chart(0.6f, 1, 0.018);
        Style.apply(chart);
        return withHeadings(chart, 13);
    }

    /** For a small screen: names take up to three lines. */
    JFreeChart narrowChart() {
        JFreeChart chart = chart(0.42f, 3, 0.14);
        chart.addSubtitle(new TextTitle(valueName, Style.font(Font.PLAIN, 12))); // It wraps.
        chart.getCategoryPlot().getRangeAxis().setLabel(null);
        Style.applyNarrow(chart);
        return withHeadings(chart, 12);
    }

    /**
     * The plot.
     *
     * @param namesPart the names' part of the width, at most
     * @param nameLines lines that a name may take
     * @param roomOfCharacter room for a character behind a bar, as a part of the longest bar
     */
    private JFreeChart chart(float namesPart, int nameLines, double roomOfCharacter) {
        CategoryAxis names = new CategoryAxis();
        names.setMaximumCategoryLabelWidthRatio(namesPart);
        names.setMaximumCategoryLabelLines(nameLines);
        names.setLowerMargin(0.02);
        names.setUpperMargin(0.02);
        names.setCategoryMargin(0.3);
        NumberAxis values = new NumberAxis(valueName);
        int longest = bars.stream().mapToInt(bar -> bar.text().length()).max().orElse(0);
        values.setUpperMargin(0.06 + roomOfCharacter * longest); // Room for the texts behind the bars.
        BarRenderer renderer = new ColorPerBar();
        renderer.setBarPainter(new StandardBarPainter());
        renderer.setShadowVisible(false);
        renderer.setDefaultItemLabelGenerator(new TextPerBar());
        renderer.setDefaultItemLabelsVisible(true);
        renderer.setDefaultItemLabelFont(Style.font(Font.BOLD, 12));
        renderer.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
        CategoryPlot plot = new CategoryPlot(data, names, values, renderer);
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        return new JFreeChart(title, JFreeChart.DEFAULT_TITLE_FONT, plot, false);
    }

    private JFreeChart withHeadings(JFreeChart chart, int size) {
        CategoryAxis names = chart.getCategoryPlot().getDomainAxis();
        bars.stream()
                .filter(Bar::heading)
                .forEach(bar -> names.setTickLabelFont(bar, Style.font(Font.BOLD, size)));
        return chart;
    }

    private final class TextPerBar extends StandardCategoryItemLabelGenerator {
        private static final long serialVersionUID = 1L;

        @Override
        public String generateLabel(CategoryDataset dataset, int row, int column) {
            return bars.get(column).text();
        }
    }

    private final class ColorPerBar extends BarRenderer {
        private static final long serialVersionUID = 1L;

        @Override
        public Paint getItemPaint(int row, int column) {
            return bars.get(column).color();
        }
    }
}
