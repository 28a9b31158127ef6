package io.github.dropfuse.bench.report;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.TickType;
import org.jfree.chart.axis.ValueTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/** A logarithmic axis with a line and a label exactly where they are asked for. */
final class MarkedLogAxis extends LogAxis {
    private static final long serialVersionUID = 1L;
    private static final double[] STEPS = {1, 2, 5};

    private final double[] marks;
    private final transient DoubleFunction<String> label;

    MarkedLogAxis(String name, double[] marks, DoubleFunction<String> label) {
        super(name);
        this.marks = marks.clone();
        this.label = label;
    }

    /** Marks 1, 2 and 5 times each power of ten. */
    static double[] decimal(double from, double to) {
        List<Double> marks = new ArrayList<>();
        for (int exponent = (int) Math.floor(Math.log10(from)); exponent < 12; exponent++) {
            for (double step : STEPS) {
                double mark = step * Math.pow(10, exponent);
                if (mark >= from && mark <= to) {
                    marks.add(mark);
                }
            }
        }
        return marks.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public List<ValueTick> refreshTicks(
            Graphics2D g2, AxisState state, Rectangle2D area, RectangleEdge edge) {
        boolean horizontal = RectangleEdge.isTopOrBottom(edge);
        TextAnchor anchor = horizontal ? TextAnchor.TOP_CENTER : TextAnchor.CENTER_RIGHT;
        List<ValueTick> ticks = new ArrayList<>();
        for (double mark : marks) {
            ticks.add(
                    new NumberTick(
                            TickType.MAJOR, mark, label.apply(mark), anchor, TextAnchor.CENTER, 0));
        }
        return ticks;
    }
}
