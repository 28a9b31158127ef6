package io.github.dropfuse.cli.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Rows of digits, before and after layers, with the dropped pixels marked. */
final class DemoPicture {
    private static final int CELL = 12;
    private static final int SIDE = 8;
    private static final int TILE = SIDE * CELL;
    private static final int GAP = 20;
    private static final int MARGIN = 44;
    private static final int LABELS = 290;
    private static final int ROW = TILE + 34;
    private static final int HEADING = 116;
    private static final int FOOTER = 88;

    private static final double FULL_INK = 16;
    private static final Color PAGE = new Color(0xFBFAF7);
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x2F6DB5);
    private static final Color DOUBLE_INK = new Color(0x0B1F40);
    private static final Color DROPPED = new Color(0xFAD0B6);
    private static final Color HATCH = new Color(0xF2B592);
    private static final Color RULE = new Color(0xDAD6CC);
    private static final Color TEXT = new Color(0x22262E);
    private static final Color QUIET = new Color(0x565C66);

    private final Lettering heading = new Lettering("Roboto-Medium.ttf");
    private final Lettering plain = new Lettering("Roboto-Regular.ttf");
    private final String title;
    private final String subtitle;
    private final List<Row> rows = new ArrayList<>();
    private int columns;

    DemoPicture(String title, String subtitle) throws IOException {
        this.title = title;
        this.subtitle = subtitle;
    }

    /**
     * A row of images.
     *
     * @param label the layer
     * @param notes what it did
     * @param pixels values of ink, 0 to 16 before any layer
     * @param dropped which pixels were dropped
     * @param together images that make a sample
     * @param leftOut whether dropped pixels are not there, or else 0
     */
    record Row(
            String label,
            List<String> notes,
            float[] pixels,
            boolean[] dropped,
            int together,
            boolean leftOut) {}

    void addRow(Row row) {
        columns = Math.max(columns, row.pixels.length / (SIDE * SIDE));
        rows.add(row);
    }

    /** Writes the picture as PNG. */
    void write(OutputStream stream) throws IOException {
        int width = 2 * MARGIN + LABELS + columns * (TILE + GAP) - GAP;
        int height = HEADING + rows.size() * ROW + FOOTER;
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            paint(graphics, width, height);
        } finally {
            graphics.dispose();
        }
        ImageIO.setUseCache(false);
        if (!ImageIO.write(image, "png", stream)) {
            throw new IOException("this Java runtime writes no PNG");
        }
    }

    private void paint(Graphics2D graphics, int width, int height) throws IOException {
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(PAGE);
        graphics.fillRect(0, 0, width, height);
        heading.draw(graphics, title, TEXT, MARGIN, 58, 24);
        plain.draw(graphics, subtitle, QUIET, MARGIN, 88, 12.5);
        int y = HEADING;
        for (Row row : rows) {
            paintRow(graphics, row, y);
            y += ROW;
        }
        graphics.setColor(RULE);
        graphics.fill(new Rectangle2D.Double(MARGIN, y - 4, width - 2 * MARGIN, 1));
        paintKey(graphics, y + 38);
    }

    private void paintRow(Graphics2D graphics, Row row, int top) throws IOException {
        heading.draw(graphics, row.label(), TEXT, MARGIN, top + 30, 16);
        int line = top + 56;
        for (String note : row.notes()) {
            plain.draw(graphics, note, QUIET, MARGIN, line, 11.5);
            line += 23;
        }
        int images = row.pixels().length / (SIDE * SIDE);
        for (int image = 0; image < images; image++) {
            int left = MARGIN + LABELS + image * (TILE + GAP);
            if (image % row.together() == 0 && row.together() > 1) {
                paintSample(graphics, left, top, row.together());
            }
            graphics.setColor(RULE);
            graphics.fill(
                    new RoundRectangle2D.Double(left - 3, top - 3, TILE + 6, TILE + 6, 8, 8));
            for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                int index = image * SIDE * SIDE + pixel;
                int x = left + pixel % SIDE * CELL;
                int y = top + pixel / SIDE * CELL;
                if (!row.dropped()[index]) {
                    graphics.setColor(ink(row.pixels()[index] / FULL_INK));
                    graphics.fillRect(x, y, CELL, CELL);
                } else if (row.leftOut()) {
                    paintLeftOut(graphics, x, y, CELL);
                } else {
                    graphics.setColor(DROPPED);
                    graphics.fillRect(x, y, CELL, CELL);
                }
            }
        }
    }

    /** A band behind images that belong together. */
    private static void paintSample(Graphics2D graphics, int left, int top, int images) {
        graphics.setColor(RULE);
        graphics.fill(
                new RoundRectangle2D.Double(
                        left, top + TILE / 2.0 - 5, images * (TILE + GAP) - GAP, 10, 0, 0));
    }

    /** Hatched, and nothing behind. */
    private static void paintLeftOut(Graphics2D graphics, int x, int y, int size) {
        graphics.setColor(PAGE);
        graphics.fillRect(x, y, size, size);
        Shape before = graphics.getClip();
        graphics.clipRect(x, y, size, size);
        graphics.setColor(HATCH);
        graphics.setStroke(new BasicStroke(1.5f));
        for (int at = -size; at < size; at += size / 2) {
            graphics.draw(new Line2D.Double(x + at, y + size, x + at + size, y));
        }
        graphics.setClip(before);
    }

    private void paintKey(Graphics2D graphics, int y) throws IOException {
        int x = MARGIN;
        x = key(graphics, x, y, DROPPED, "dropped, set to 0");
        paintLeftOut(graphics, x, y - 14, 18);
        x = caption(graphics, x, y, "left out");
        x = key(graphics, x, y, ink(1), "ink of the input");
        x = key(graphics, x, y, ink(1 / 0.7), "ink × 1.43");
        key(graphics, x, y, ink(2), "ink × 2");
    }

    private int key(Graphics2D graphics, int x, int y, Color color, String meaning)
            throws IOException {
        graphics.setColor(color);
        graphics.fill(new RoundRectangle2D.Double(x, y - 14, 18, 18, 5, 5));
        return caption(graphics, x, y, meaning);
    }

    private int caption(Graphics2D graphics, int x, int y, String meaning) throws IOException {
        plain.draw(graphics, meaning, TEXT, x + 30, y, 12);
        return x + 30 + (int) plain.width(meaning, 12) + 48;
    }

    /** White for nothing, blue for the input's full ink, nearly black for twice that. */
    private static Color ink(double amount) {
        return amount <= 1
                ? mix(PAPER, INK, amount)
                : mix(INK, DOUBLE_INK, Math.min(1, amount - 1));
    }

    private static Color mix(Color from, Color to, double part) {
        return new Color(
                (int) Math.round(from.getRed() + part * (to.getRed() - from.getRed())),
                (int) Math.round(from.getGreen() + part * (to.getGreen() - from.getGreen())),
                (int) Math.round(from.getBlue() + part * (to.getBlue() - from.getBlue())));
    }
}
