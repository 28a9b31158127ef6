package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.report.Figures.Figure;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.jfree.chart.JFreeChart;
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.ViewBox;

/** Plots as files. */
final class Drawing {
    private static final int PIXELS_PER_POINT = 2;

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Drawing() {}

    /** Writes a plot as SVG and PNG, and gives it for a page, for wide and for small screens. */
    static String write(Figure figure, Path directory) throws IOException {
        String svg = svg(figure.name(), figure.chart(), figure.width(), figure.height());
        Files.writeString(directory.resolve(figure.name() + ".svg"), svg + "\n");
        ImageIO.write(png(figure), "png", directory.resolve(figure.name() + ".png").toFile());
        String narrow =
                svg(
                        figure.name() + "-narrow", figure.narrow(), Figure.NARROW_WIDTH,
                        figure.narrowHeight());
        return "<div class=\"wide\">" + svg + "</div>\n<div class=\"narrow\">" + narrow
                + "</div>";
    }

    private static String svg(String name, JFreeChart chart, int width, int height) {
        SVGGraphics2D graphics = new SVGGraphics2D(width, height);
        // Equal input gives equal files.
        graphics.setDefsKeyPrefix(name);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        return graphics.getSVGElement(null, true, new ViewBox(0, 0, width, height), null, null);
    }

    private static BufferedImage png(Figure figure) {
        BufferedImage image =
                new BufferedImage(
                        figure.width() * PIXELS_PER_POINT,
                        figure.height() * PIXELS_PER_POINT,
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.scale(PIXELS_PER_POINT, PIXELS_PER_POINT);
        figure.chart()
                .draw(graphics, new Rectangle2D.Double(0, 0, figure.width(), figure.height()));
        graphics.dispose();
        return image;
    }
}
