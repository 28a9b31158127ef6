package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.Places;
import io.github.dropfuse.bench.report.Figures.Figure;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.jfree.svg.SVGGraphics2D;
import org.jfree.svg.ViewBox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns a run's JSON into a page and pictures. */
@Command(
        name = "report",
        description = "Turns the JSON of a run into a page and its plots.",
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    private static final int PIXELS_PER_POINT = 2;

    @Option(names = "--results", description = "Holds the JSON; bench/results by default.")
    private Path results;

    @Option(names = "--report", description = "Receives the page; bench/report by default.")
    private Path report;

    @Override
    public Integer call() throws IOException {
        write(
                results == null ? Places.project().resolve("results") : results,
                report == null ? Places.project().resolve("report") : report);
        return 0;
    }

    /**
     * Writes the report.
     *
     * @param results holds the JSON files of a run
     * @param report receives index.html, and each plot as SVG and PNG
     * @throws IOException if one cannot be read or written
     */
    public static void write(Path results, Path report) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(report);
        Results read = Results.read(results);
        List<Figure> figures = Figures.of(read);
        Map<String, String> drawings = new HashMap<>();
        for (Figure figure : figures) {
            String svg = svg(figure);
            drawings.put(figure.name(), svg);
            Files.writeString(report.resolve(figure.name() + ".svg"), svg + "\n");
            ImageIO.write(png(figure), "png", report.resolve(figure.name() + ".png").toFile());
        }
        Files.writeString(report.resolve("index.html"), Page.of(read, figures, drawings));
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
