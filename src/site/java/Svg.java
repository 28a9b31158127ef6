import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A drawing of rows of images, or of bars, in light colours or dark ones. */
final class Svg {
    /** How dropped pixels are drawn. */
    enum Mark {
        /** In place of the value, which is 0. */
        HATCH,
        /** On the value. */
        DOT,
        /** As if there were no pixel. */
        GONE
    }

    private static final int CELL = 8;
    private static final int GAP = 12;
    private static final int MARGIN = 12;
    private static final int LINE = 26;
    private static final int BARS = 56;

    /** Of an image's ink; twice as much is the other ink at its full. */
    private static final int LEVELS = 8;

    private static final String STYLE =
            """
            <style>
            svg { --page: #fbfaf7; --paper: #fff; --rule: #dad6cc; --ink: #2f6db5; --more: #0b1f40;
              --below: #8a3ffc; --dropped: #fad0b6; --hatch: #e98a4e; --text: #22262e; }
            @media (prefers-color-scheme: dark) {
              svg { --page: #1b1e24; --paper: #101216; --rule: #3a404a; --ink: #5b9be6; --more: #d6e8ff;
                --below: #be95ff; --dropped: #5a3620; --hatch: #c2703a; --text: #e6e8ec; } }
            text { font: 15px system-ui, sans-serif; fill: var(--text); }
            .tile { fill: var(--paper); stroke: var(--rule); }
            .group { fill: none; stroke: var(--text); stroke-width: 1.5; }
            .i { fill: var(--ink); } .m { fill: var(--more); } .n { fill: var(--below); }
            .d { fill: url(#hatch); } .o { fill: var(--hatch); }
            .g { fill: var(--page); }
            </style>
            <defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse">
            <rect width="4" height="4" fill="var(--dropped)"/>
            <path d="M-1 1l2-2M0 4l4-4M3 5l2-2" stroke="var(--hatch)"/></pattern></defs>
            """;

    private final String description;
    private final int columns;
    private final int side;
    private final StringBuilder body = new StringBuilder();
    private int top = MARGIN;
    private int together = 1;
    private double full = 16;

    Svg(String description, int columns, int side) {
        this.description = description;
        this.columns = columns;
        this.side = side;
    }

    /** From here on, so many images make a sample. */
    void together(int images) {
        together = images;
    }

    /** The value that is drawn with all ink. */
    void scale(double value) {
        full = value;
    }

    void images(String label, float[] values) {
        images(label, values, new boolean[values.length], Mark.HATCH);
    }

    void images(String label, float[] values, boolean[] dropped, Mark mark) {
        label(label);
        int size = side * CELL;
        int pixels = side * side;
        for (int image = 0; image < values.length / pixels; image++) {
            body.append(rectangle("tile", left(image), size, size));
        }
        Map<String, StringBuilder> paths = new TreeMap<>();
        for (int i = 0; i < values.length; i++) {
            int x = left(i / pixels) + i % side * CELL;
            int y = top + i % pixels / side * CELL;
            boolean drawn = !dropped[i] || mark == Mark.DOT;
            int level = (int) Math.min(2 * LEVELS, Math.rint(Math.abs(values[i]) / full * LEVELS));
            for (String ink : drawn && level > 0 ? inks(values[i] < 0, level) : List.<String>of()) {
                paths.computeIfAbsent(ink, key -> new StringBuilder())
                        .append("M" + x + " " + y + square(CELL));
            }
            if (dropped[i]) {
                String key = switch (mark) {
                    case HATCH -> "x class=\"d\"";
                    case DOT -> "y class=\"o\"";
                    case GONE -> "z class=\"g\"";
                };
                int inset = mark == Mark.DOT ? 3 : 0;
                paths.computeIfAbsent(key, none -> new StringBuilder())
                        .append("M" + (x + inset) + " " + (y + inset))
                        .append(square(CELL - 2 * inset));
            }
        }
        paths.forEach(
                (key, path) ->
                        body.append("<path " + key.substring(2) + " d=\"" + path + "\"/>\n"));
        for (int image = 0; together > 1 && image < values.length / pixels; image += together) {
            int width = (together - 1) * (size + GAP) + size;
            body.append(
                    "<rect class=\"group\" x=\"" + (left(image) - 3) + "\" y=\"" + (top - 3)
                            + "\" width=\"" + (width + 6) + "\" height=\"" + (size + 6)
                            + "\" rx=\"3\"/>\n");
        }
        top += size + GAP;
    }

    void bars(String label, double[] values, double most) {
        label(label);
        int width = (columns * (side * CELL + GAP) - GAP) / values.length;
        for (int i = 0; i < values.length; i++) {
            int height = (int) Math.max(1, Math.rint(values[i] / most * BARS));
            body.append(
                    "<rect class=\"i\" x=\"" + (MARGIN + i * width) + "\" y=\""
                            + (top + BARS - height) + "\" width=\"" + (width - 4)
                            + "\" height=\"" + height + "\"><title>"
                            + String.format(Locale.ROOT, "block %d: %.4f", i + 1, values[i])
                            + "</title></rect>\n");
        }
        top += BARS + GAP;
    }

    private void label(String label) {
        body.append("<text x=\"" + MARGIN + "\" y=\"" + (top + 14) + "\">" + label + "</text>\n");
        top += LINE;
    }

    private int left(int image) {
        return MARGIN + image * (side * CELL + GAP);
    }

    private String rectangle(String name, int x, int width, int height) {
        return "<rect class=\"" + name + "\" x=\"" + x + "\" y=\"" + top + "\" width=\"" + width
                + "\" height=\"" + height + "\"/>\n";
    }

    /** Sorted by a letter that is cut off again: one ink is laid on the other, marks on both. */
    private static List<String> inks(boolean below, int level) {
        if (below) {
            return List.of(ink("n", level));
        }
        if (level > LEVELS) {
            return List.of(ink("i", LEVELS), ink("m", level - LEVELS));
        }
        return List.of(ink("i", level));
    }

    private static String ink(String name, int level) {
        double opacity = Math.min(1, level / (double) LEVELS);
        return name + " class=\"" + name + "\" fill-opacity=\"" + opacity + "\"";
    }

    private static String square(int side) {
        return "h" + side + "v" + side + "h-" + side + "z";
    }

    @Override
    public String toString() {
        int width = 2 * MARGIN + columns * (side * CELL + GAP) - GAP;
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + top
                + "\" width=\"" + width + "\" height=\"" + top + "\" role=\"img\">\n"
                + "<title>" + description + "</title>\n" + STYLE
                + "<rect width=\"" + width + "\" height=\"" + top
                + "\" rx=\"6\" fill=\"var(--page)\"/>\n" + body + "</svg>\n";
    }
}
