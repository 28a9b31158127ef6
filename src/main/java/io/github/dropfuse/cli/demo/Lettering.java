package io.github.dropfuse.cli.demo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.InputStream;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/**
 * Text as outlines of a font that the application brings: a machine without fonts, as servers and
 * containers are, cannot draw text by AWT's own means, and others would draw it differently.
 */
final class Lettering {
    private static final String FONTS = "com/formdev/flatlaf/fonts/roboto/";

    private final TrueTypeFont font;
    private final CmapLookup glyphs;
    private final double capitals;

    /** Reads a font, such as {@code Roboto-Regular.ttf}. */
    Lettering(String name) throws IOException {
        ClassLoader loader = Lettering.class.getClassLoader();
        try (InputStream stream = loader.getResourceAsStream(FONTS + name)) {
            font = new TTFParser().parse(new RandomAccessReadBuffer(stream));
        }
        glyphs = font.getUnicodeCmapLookup();
        capitals = font.getOS2Windows().getCapHeight();
    }

    /** Draws text whose capitals are {@code height} pixels high, from x on, on the base line y. */
    void draw(Graphics2D graphics, String text, Color color, double x, double y, double height)
            throws IOException {
        graphics.setColor(color);
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.scale(height / capitals, -height / capitals);
        for (int character : text.codePoints().toArray()) {
            int glyph = glyph(character);
            Path2D outline = font.getGlyph().getGlyph(glyph).getPath();
            graphics.fill(place.createTransformedShape(outline));
            place.translate(font.getAdvanceWidth(glyph), 0);
        }
    }

    /** How wide text is that is drawn at this height. */
    double width(String text, double height) throws IOException {
        double units = 0;
        for (int character : text.codePoints().toArray()) {
            units += font.getAdvanceWidth(glyph(character));
        }
        return units * height / capitals;
    }

    private int glyph(int character) {
        int glyph = glyphs.getGlyphId(character);
        if (glyph == 0) {
            throw new IllegalArgumentException(
                    "no glyph for '" + Character.toString(character) + "'");
        }
        return glyph;
    }
}
