package io.github.dropfuse.cli.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.cli.common.Staging;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private static final int DROPPED = 0xFFFAD0B6;
    private static final int HATCH = 0xFFF2B592;

    @TempDir private Path directory;

    @Test
    void printsTheTableAndDrawsThePicture() throws IOException {
        Path picture = Files.writeString(directory.resolve("demo.png"), "before");
        Cli cli = Cli.line("demo --out " + picture);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        List<String> rows =
                cli.out().lines().filter(line -> line.matches("(drop|token).* .*")).toList();
        assertEquals(15, rows.size(), cli.out());
        String equal = " yes, all " + Staging.all().size() + " ";
        assertTrue(rows.stream().allMatch(row -> row.contains(equal)), cli.out());
        assertTrue(rows.getFirst().matches("dropout +forward +1797x8x8 +0.1 +103490/115008 .*"));
        assertTrue(rows.get(6).matches("droppath +forward +1797x8x8 +0.5 +897/1797 .*"));
        assertTrue(rows.get(8).matches("dropout2d +forward +898x2x8x8 +0.5 +869/1796 .*"));
        assertTrue(rows.get(11).matches("dropblock2d +backward +1797x1x8x8 +0.3 +80609/115008 .*"));
        assertTrue(rows.get(12).matches("tokendrop +forward +1797x16x4 +0.5 +14376/28752 .*"));
        assertTrue(rows.getLast().matches("dropout +forward +4096x4096 +0.1 .*"));
        assertTrue(cli.out().contains("CC BY 4.0"));

        BufferedImage image = ImageIO.read(picture.toFile());
        int[] pixels =
                image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        long dropped = IntStream.of(pixels).filter(pixel -> pixel == DROPPED).count();
        int units = 640 - 568 + 640 - 434 + 640 - 321 + 5 * 64 + 5 * 64 + 640 - 427;
        long key = dropped - units * 144L;
        assertTrue(key > 250 && key <= 18 * 18, "dropped pixels: " + dropped);
        long hatch = IntStream.of(pixels).filter(pixel -> pixel == HATCH).count();
        assertTrue(hatch > 80 * 4 * 12 && hatch < 80 * 4 * 72, "hatched pixels: " + hatch);
    }

    @Test
    void refusesAPictureBeforeItComputes() {
        Path picture = directory.resolve("missing").resolve("demo.png");
        String error = "dropfuse demo: " + picture + ": its directory does not exist\n";
        assertEquals(new Cli(1, "", error), Cli.line("demo --out " + picture));
    }

    @Test
    void thePictureIsTheSameEverywhere() throws IOException {
        Path first = directory.resolve("1.png");
        Path second = directory.resolve("2.png");
        Cli.line("demo --out " + first);
        Cli.line("demo --out " + second);
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
    }

    /** What the picture shows of patches is where it was in the image. */
    @Test
    void patchesAreMovedAndFoundAgain() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor images = Tensor.allocate(arena, DType.FLOAT32, 2, 8, 8);
            for (long pixel = 0; pixel < images.size(); pixel++) {
                images.set(pixel, pixel);
            }
            Tensor tokens = DemoLayer.TOKENDROP.view(images, arena);
            double[] second = {2, 3, 10, 11};
            for (int e = 0; e < 4; e++) {
                assertEquals(second[e], tokens.get(4 + e));
                assertEquals(64 + second[e], tokens.get(64 + 4 + e));
            }
            for (long pixel = 0; pixel < images.size(); pixel++) {
                assertEquals(pixel, tokens.get(DemoLayer.TOKENDROP.place(pixel)));
            }
        }
    }

    @Test
    void saysWhereThePictureCannotGo() {
        Path nowhere = directory.resolve("no/demo.png");
        Cli cli = Cli.line("demo --out " + nowhere);
        assertEquals(1, cli.code());
        assertEquals("dropfuse demo: " + nowhere + ": its directory does not exist\n", cli.err());
    }

    @Test
    void everyLetterCanBeDrawn() throws IOException {
        Lettering letters = new Lettering("Roboto-Regular.ttf");
        String text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;=-+/()%'×";
        for (String letter : text.split("")) {
            assertTrue(letters.width(letter, 14) > 0, letter);
        }
        assertEquals(
                letters.width("o", 14) + letters.width("a", 14), letters.width("oa", 14), 1e-9);
        assertEquals(
                "no glyph for '\uE000'",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> letters.width("\uE000", 14))
                        .getMessage());
    }
}
