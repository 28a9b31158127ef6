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
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.ViewBox;

/** Plots as files. */
final class Drawing {
    private static final int PIXELS_PER_POINT = 2;

    static {
        System.setProperty("java.awt.headless", "true");
    }

    private Drawing() {}

    /** Writes a plot as SVG and PNG, and gives the SVG. */
    static String write(Figure figure, Path directory) throws IOException {
        String svg = svg(figure);
        Files.writeString(directory.resolve(figure.name() + ".svg"), svg + "\n");
        ImageIO.write(png(figure), "png", directory.resolve(figure.name() + ".png").toFile());
        return svg;
    }

    private static String svg(Figure figure) {
        SVGGraphics2D graphics = new SVGGraphics2D(figure.width(), figure.height());
        // Equal input gives equal files.
        graphics.setDefsKeyPrefix(figure.name());
        figure.chart().draw(graphics, area(figure));
        return graphics.getSVGElement(
                null, true, new ViewBox(0, 0, figure.width(), figure.height()),
                null, null);
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
        figure.chart().draw(graphics, area(figure));
        graphics.dispose();
        return image;
    }

    private static Rectangle2D area(Figure figure) {
        return new Rectangle2D.Double(0, 0, figure.width(), figure.height());
    }
}
