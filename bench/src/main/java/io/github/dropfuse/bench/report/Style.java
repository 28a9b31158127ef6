package io.github.dropfuse.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.ui.RectangleInsets;

/** How all plots look. Hues are from the palette of Okabe and Ito, told apart by all eyes. */
final class Style {
    static final Color MEMCPY = new Color(0x111111);
    static final Color BEST = new Color(0x0060B0);
    static final Color IN_PLACE = new Color(0x3D9BE0);
    static final Color SECOND = new Color(0x00896B);
    static final Color THIRD = new Color(0x58B69B);
    static final Color JAVA = new Color(0x56507A);
    static final Color REFERENCE = new Color(0x8A8A8A);
    static final Color LOOP = new Color(0x9A7B00);
    static final Color TWO_PASS = new Color(0xC7A317);
    static final Color PYTORCH = new Color(0xC84B00);
    static final Color PYTHON = new Color(0xE58A4E);
    static final Color ND4J = new Color(0xB0508A);

    private static final Color TEXT = new Color(0x222222);
    private static final Color GRID = new Color(0xD0D0D0);
    private static final Color FINE_GRID = new Color(0xEEEEEE);

    private Style() {}

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    static void apply(JFreeChart chart) {
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(8, 8, 8, 12));
        chart.getTitle().setFont(font(Font.BOLD, 16));
        chart.getTitle().setPaint(TEXT);
        Plot plot = chart.getPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        if (plot instanceof XYPlot xy) {
            xy.setDomainGridlinePaint(FINE_GRID);
            xy.setDomainGridlineStroke(new BasicStroke(1));
            xy.setRangeGridlinePaint(GRID);
            xy.setRangeGridlineStroke(new BasicStroke(1));
            xy.setRangeMinorGridlinePaint(FINE_GRID);
            xy.setRangeMinorGridlineStroke(new BasicStroke(1));
            axis(xy.getDomainAxis());
            axis(xy.getRangeAxis());
        } else if (plot instanceof CategoryPlot bars) {
            bars.setRangeGridlinePaint(GRID);
            bars.setRangeGridlineStroke(new BasicStroke(1));
            axis(bars.getDomainAxis());
            axis(bars.getRangeAxis());
        }
    }

    /** For a small screen. */
    static void applyNarrow(JFreeChart chart) {
        apply(chart);
        chart.setPadding(new RectangleInsets(4, 0, 4, 4));
        chart.getTitle().setFont(font(Font.BOLD, 13));
        if (chart.getLegend() != null) {
            chart.getLegend().setItemFont(font(Font.PLAIN, 12));
            chart.getLegend().setFrame(BlockBorder.NONE);
        }
    }

    private static void axis(Axis axis) {
        axis.setLabelFont(font(Font.PLAIN, 13));
        axis.setTickLabelFont(font(Font.PLAIN, 12));
        axis.setLabelPaint(TEXT);
        axis.setTickLabelPaint(TEXT);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
    }
}
