package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A box through the command is that box of what the command makes of the whole. */
class ApplyBoxTest extends NpyCommandTest {
    private static final String DRAW = " --seed 5 --offset 9 ";

    /** Where in a larger array the tests' boxes lie. */
    private record Box(long[] whole, long[] from, long[] shape) {
        Tensor of(Tensor tensor) {
            Tensor box = Tensor.of(new float[size(shape)], shape);
            for (int i = 0; i < box.size(); i++) {
                box.set(i, tensor.get(index(i)));
            }
            return box;
        }

        private long index(long element) {
            long index = 0;
            long step = 1;
            long rest = element;
            for (int d = whole.length - 1; d >= 0; d--) {
                index += (from[d] + rest % shape[d]) * step;
                rest /= shape[d];
                step *= whole[d];
            }
            return index;
        }

        private static int size(long[] shape) {
            return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        }
    }

    private static long[] numbers(String text) {
        return Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private static void write(Path file, Tensor tensor) throws IOException {
        String extents =
                LongStream.of(tensor.shape()).mapToObj(n -> n + ",").collect(Collectors.joining());
        Files.write(file, NpyBytes.file("<f4", extents, bytes(tensor)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    dropout --p 0.3 | 6,8 | 0,4 | 6,4
                    dropout --p 0.3 --backward | 6,8 | 2,1 | 3,5
                    dropout --p 0.3 --noise-shape 6,1,5 | 6,8,5 | 2,3,1 | 3,2,4
                    dropout --p 0.3 --noise-shape 8,1 | 6,8,5 | 2,3,1 | 3,2,4
                    dropout1d --p 0.3 --channels-last | 4,9,7 | 1,2,3 | 2,4,4
                    dropout2d --p 0.3 | 6,7,3,4 | 1,2,1,0 | 4,3,2,4
                    droppath --p 0.5 | 30,7 | 11,2 | 9,4
                    droppath --p 0.5 --mode batch | 30,7 | 11,2 | 9,4
                    alphadropout --p 0.3 | 6,8 | 0,4 | 6,4
                    featurealphadropout --p 0.3 | 9,8,3 | 2,3,1 | 4,5,2
                    gaussiandropout --p 0.3 | 6,8 | 3,4 | 3,4
                    gaussiannoise --sigma 2 | 6,8 | 3,4 | 3,4
                    dropoutadd --p 0.3 --residual R --bias V | 6,8 | 0,4 | 6,4
                    droppathadd --p 0.5 --residual R --gamma V | 20,5,7 | 3,1,2 | 11,3,4
                    zoneout --p 0.3 --previous R | 6,8 | 0,4 | 6,4
                    zoneout --p 0.3 --backward | 6,8 | 2,1 | 3,5
                    dropblock2d --p 0.2 --block-size 3 | 5,6,7,8 | 2,1,0,0 | 3,4,7,8
                    dropblock2d --p 0.2 --block-size 3 --shared-by-channels | 5,6,7,8 | 2,1,0,0 | 3,4,7,8
                    """)
    void isThatBoxOfTheWhole(String options, String whole, String from, String shape)
            throws IOException {
        Box box = new Box(numbers(whole), numbers(from), numbers(shape));
        Path residual = directory.resolve("residual.npy");
        Path vector = directory.resolve("vector.npy");
        int last = box.whole().length - 1;
        write(in, DType.FLOAT32, box.whole());
        write(residual, DType.FLOAT32, box.whole());
        write(vector, DType.FLOAT32, box.whole()[last]);
        String line =
                "--force --layer " + options.replace(" R", " " + residual).replace(" V", " " + vector)
                        + DRAW;
        assertEquals("", apply(1L << 24, line + in + " " + out).err());
        try (Arena arena = Arena.ofConfined()) {
            byte[] expected = bytes(box.of(read(out, arena)));
            Tensor all = read(in, arena);
            Tensor bias = read(vector, arena);
            write(in, box.of(all));
            write(residual, box.of(all));
            write(vector, bias.slice(box.from()[last], box.from()[last] + box.shape()[last]));
            for (long part : new long[] {1L << 24, 7, 1}) {
                Cli cli =
                        apply(
                                part,
                                line + "--whole-shape " + whole + " --shard-from " + from + " " + in
                                        + " " + out);
                assertEquals("", cli.err());
                assertArrayEquals(expected, bytes(out), "in parts of " + part);
            }
        }
    }

    @Test
    void tokensOfSomeSamples() throws IOException {
        write(in, DType.FLOAT32, 6, 10, 3);
        String line = "--force --layer tokendrop --p 0.4" + DRAW + in + " " + out;
        assertEquals(0, apply(1, line).code());
        byte[] all = bytes(out);
        try (Arena arena = Arena.ofConfined()) {
            write(in, read(in, arena).slice(2, 5));
        }
        assertEquals(0, apply(1, line + " --whole-shape 6,10,3 --shard-from 2,0,0").code());
        assertArrayEquals(
                Arrays.copyOfRange(all, 2 * all.length / 6, 5 * all.length / 6), bytes(out));
        assertEquals(0, apply(1, line + " --start 2").code());
        assertArrayEquals(
                Arrays.copyOfRange(all, 2 * all.length / 6, 5 * all.length / 6), bytes(out));
    }

    /** A bool or a byte for each unit, of the whole or of a larger one. */
    @ParameterizedTest
    @CsvSource({"|b1", "|u1"})
    void aStoredMaskDecides(String descr) throws IOException {
        Path mask = directory.resolve("mask.npy");
        write(in, DType.FLOAT32, 6, 8);
        String dropout = "--force --layer dropout --p 0.3";
        Cli drawn = apply(1L << 24, dropout + DRAW + in + " " + out);
        byte[] expected = bytes(out);
        byte[] decisions = new byte[48];
        try (Arena arena = Arena.ofConfined()) {
            Mask bits = new Dropout(0.3).mask(arena, read(in, arena), ApplyCases.STATE);
            bits.copyToBytes(MemorySegment.ofArray(decisions));
        }
        Files.write(mask, NpyBytes.file(descr, "6, 8", decisions));
        for (long part : new long[] {1L << 24, 3, 1}) {
            Cli stored = apply(part, dropout + " --mask " + mask + " " + in + " " + out);
            assertEquals("", stored.err());
            assertEquals(
                    drawn.out().replaceAll(" backend.*", ""),
                    stored.out().replaceAll(" backend.*", ""));
            assertArrayEquals(expected, bytes(out));
        }
        Box box = new Box(new long[] {6, 8}, new long[] {1, 4}, new long[] {5, 3});
        try (Arena arena = Arena.ofConfined()) {
            byte[] ofBox = bytes(box.of(read(out, arena)));
            write(in, box.of(read(in, arena)));
            String where = " --whole-shape 6,8 --shard-from 1,4 ";
            assertEquals(
                    "", apply(2, dropout + " --mask " + mask + where + in + " " + out).err());
            assertArrayEquals(ofBox, bytes(out));
        }
    }

    @Test
    void masksThatDoNotFit() throws IOException {
        Path mask = directory.resolve("mask.npy");
        write(in, DType.FLOAT32, 6, 8);
        Files.write(mask, NpyBytes.file("|b1", "47,", new byte[47]));
        String dropout = "--layer dropout --p 0.3 --mask " + mask + " ";
        String files = in + " " + out;
        Cli few = apply(1, dropout + files);
        assertEquals(2, few.code());
        assertTrue(
                few.err()
                        .endsWith(
                                "--mask " + mask + " has 47 elements, allowed for IN.npy of float32"
                                        + " [6, 8] are 48\n"),
                few.err());
        assertTrue(apply(1, dropout + "--start 1 " + files).err().contains("of a mask of 47"));
        assertTrue(
                apply(1, dropout + "--seed 1 " + files).err().endsWith("--seed is not used with --mask\n"));
        Cli other =
                apply(1, "--layer gaussiandropout --p 0.3 --mask " + mask + " " + files);
        assertTrue(
                other.err().endsWith("--mask is not for gaussiandropout, which takes --p\n"),
                other.err());
        Files.write(mask, NpyBytes.file("<f4", "48,", new byte[192]));
        Cli type = apply(1, dropout + files);
        assertEquals(1, type.code());
        assertTrue(
                type.err().endsWith("dtype is '<f4'; readable as a mask are bool and uint8 (b1, u1)\n"),
                type.err());
        assertEquals(List.of("in.npy", "mask.npy"), names());
    }
}
