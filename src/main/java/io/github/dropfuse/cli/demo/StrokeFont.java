package io.github.dropfuse.cli.demo;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;

/**
 * Letters drawn as strokes: a machine without fonts, as servers and containers are, cannot draw
 * text by other means.
 *
 * <p>A glyph is a width and a path, in fourteenths of the capitals' height, y upward from the base
 * line: M moves, L draws a line, C a cubic curve, E an ellipse in the box of two corners.
 */
final class StrokeFont {
    private static final double CAPITAL = 14;
    private static final double GAP = 3.4;
    private static final double SPACE = 4.6;

    private static final Map<Integer, Glyph> GLYPHS = read();

    private StrokeFont() {}

    private record Glyph(double width, Path2D path) {}

    /** Draws text whose capitals are {@code height} pixels high, from x on, on the base line y. */
    static void draw(
            Graphics2D graphics, String text, double x, double y, double height, double weight) {
        double scale = height / CAPITAL;
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.scale(scale, -scale);
        graphics.setStroke(
                new BasicStroke(
                        (float) (weight * scale), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (int character : text.codePoints().toArray()) {
            Glyph glyph = glyph(character);
            graphics.draw(place.createTransformedShape(glyph.path()));
            place.translate(glyph.width() + GAP, 0);
        }
    }

    /** How wide text is that is drawn at this height. */
    static double width(String text, double height) {
        double units = text.codePoints().mapToDouble(c -> glyph(c).width() + GAP).sum();
        return Math.max(0, units - GAP) * height / CAPITAL;
    }

    private static Glyph glyph(int character) {
        Glyph glyph = GLYPHS.get(character);
        if (glyph == null) {
            throw new IllegalArgumentException(
                    "no glyph for '" + Character.toString(character) + "'");
        }
        return glyph;
    }

    private static Map<Integer, Glyph> read() {
        Map<Integer, Glyph> glyphs = new HashMap<>();
        glyphs.put((int) ' ', new Glyph(SPACE, new Path2D.Double()));
        for (String line : StrokeGlyphs.LINES.lines().toList()) {
            try (Scanner scanner = new Scanner(line.substring(1))) {
                double width = Double.parseDouble(scanner.next());
                glyphs.put(line.codePointAt(0), new Glyph(width, path(scanner)));
            }
        }
        return glyphs;
    }

    private static Path2D path(Scanner scanner) {
        Path2D path = new Path2D.Double();
        while (scanner.hasNext()) {
            String command = scanner.next();
            double[] v = new double[command.equals("C") ? 6 : command.equals("E") ? 4 : 2];
            for (int i = 0; i < v.length; i++) {
                v[i] = Double.parseDouble(scanner.next());
            }
            switch (command) {
                case "M" -> path.moveTo(v[0], v[1]);
                case "L" -> path.lineTo(v[0], v[1]);
                case "C" -> path.curveTo(v[0], v[1], v[2], v[3], v[4], v[5]);
                case "E" ->
                        path.append(
                                new Ellipse2D.Double(v[0], v[1], v[2] - v[0], v[3] - v[1]), false);
                default -> throw new IllegalStateException("glyph command " + command);
            }
        }
        return path;
    }
}
