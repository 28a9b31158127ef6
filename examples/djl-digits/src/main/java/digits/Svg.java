package digits;

import java.util.List;
import java.util.Locale;

/** Writes SVG. Colours and strokes are those of the page's classes. */
final class Svg {
    private final StringBuilder out = new StringBuilder();

    Svg(double width, double height, String description) {
        out.append(
                format(
                        "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
                        width, height, escape(description)));
    }

    Svg line(String classes, double x1, double y1, double x2, double y2) {
        return add(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                classes, x1, y1, x2, y2);
    }

    Svg polyline(String classes, List<double[]> points) {
        return points("polyline", classes, points);
    }

    Svg polygon(String classes, List<double[]> points) {
        return points("polygon", classes, points);
    }

    private Svg points(String element, String classes, List<double[]> points) {
        out.append(format("<%s class=\"%s\" points=\"", element, classes));
        points.forEach(point -> out.append(format("%.1f,%.1f ", point[0], point[1])));
        out.setCharAt(out.length() - 1, '"');
        out.append("/>\n");
        return this;
    }

    Svg circle(String classes, double x, double y, double radius) {
        return add(
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
                classes, x, y, radius);
    }

    Svg text(String classes, double x, double y, String text) {
        return add(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                classes, x, y, escape(text));
    }

    private Svg add(String pattern, Object... arguments) {
        out.append(format(pattern, arguments));
        return this;
    }

    String close() {
        return out.append("</svg>\n").toString();
    }

    static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
