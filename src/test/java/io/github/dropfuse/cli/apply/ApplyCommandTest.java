package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Layer;
import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ApplyCommandTest extends NpyCommandTest {
    private static final String DROPOUT = "apply --layer dropout --p 0.3 --seed 5 --offset 9 ";
    private static final PhiloxState STATE = new PhiloxState(5, 9);

    static List<Backend> backends() {
        return Backends.all();
    }

    private void write(DType dtype, long... shape) throws IOException {
        write(in, dtype, shape);
    }

    /** What the layer makes of the input, by the reference. */
    private byte[] expected(Layer layer, long start) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = read(in, arena);
            layer.forward(x, x, STATE, start);
            return bytes(x);
        }
    }

    private static Layer dropout() {
        return new Dropout(0.3).with(Execution.automatic().on(Backends.reference()));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void appliesDropoutOnEveryBackend(Backend backend) throws IOException {
        write(DType.FLOAT32, 70, 1000);
        Cli cli =
                Cli.line(
                        DROPOUT + in + " " + out + " --backend " + backend.name() + " --tier "
                                + backend.tier());
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        byte[] expected = expected(dropout(), 0);
        long kept = 0;
        for (int i = 0; i < expected.length; i += Float.BYTES) {
            kept += (expected[i] | expected[i + 1] | expected[i + 2] | expected[i + 3]) == 0 ? 0 : 1;
        }
        String line =
                "kept=" + kept + " total=70000 scale=1.4285715 backend=" + backend
                        + " time=\\d+\\.\\d{6}s kernel=\\d+\\.\\d{6}s kernelGB/s=\\d+\\.\\d\\d"
                        + " file=\\d+\\.\\d{6}s fileGB/s=\\d+\\.\\d\\d\n";
        assertTrue(cli.out().matches(line), cli.out());
        assertArrayEquals(expected, bytes(out));
        assertEquals(List.of("in.npy", "out.npy"), names());
    }

    /** Windows replaces no file that is mapped. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells what is mapped")
    void noInputIsMappedWhenAFileIsReplaced() throws IOException {
        write(DType.FLOAT32, 70, 1000);
        List<Boolean> mapped = new ArrayList<>();
        PrintWriter lines =
                new PrintWriter(Writer.nullWriter()) {
                    @Override
                    public void println(String line) {
                        try {
                            String maps = Files.readString(Path.of("/proc/self/maps"));
                            mapped.add(maps.contains(in.toString()));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                };
        String[] words = ("--layer dropout --p 0.3 --seed 5 --in-place " + in).split(" ");
        assertEquals(0, new CommandLine(new ApplyCommand()).setOut(lines).execute(words));
        assertEquals(List.of(false), mapped);
    }

    @ParameterizedTest
    @EnumSource(names = "BFLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void inPlaceAndBackwardGiveTheSame(DType dtype) throws IOException {
        write(dtype, 3, 500);
        byte[] expected = expected(dropout(), 0);
        assertEquals(0, Cli.line(DROPOUT + "--backward " + in + " " + out).code());
        assertArrayEquals(expected, bytes(out));
        Cli cli = Cli.line(DROPOUT + "--in-place " + in);
        assertEquals(0, cli.code());
        assertArrayEquals(expected, bytes(in));
        assertEquals(List.of("in.npy", "out.npy"), names());
        assertTrue(
                cli.out().contains(dtype == DType.FLOAT64 ? "1.4285714285714286" : "1.4285715"),
                cli.out());
    }

    @Test
    void appliesDropPathBySamples() throws IOException {
        write(DType.FLOAT32, 64, 3, 7);
        Cli cli =
                Cli.line(
                        "apply --layer droppath --p 0.5 --seed 5 --offset 9 --start 100 " + in + " "
                                + out);
        assertEquals(0, cli.code());
        assertTrue(cli.out().matches("kept=\\d+ total=64 scale=2\\.0 .*\n"), cli.out());
        assertArrayEquals(expected(new DropPath(0.5), 100), bytes(out));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 12_345, -1_000})
    void aShardStartsInTheWhole(long start) throws IOException {
        write(DType.FLOAT32, 1000);
        String begin = Long.toUnsignedString(start);
        assertEquals(0, Cli.line(DROPOUT + in + " " + out + " --start " + begin).code());
        assertArrayEquals(expected(dropout(), start), bytes(out));
    }

    @Test
    void filesOfSeveralChunksAreWhole() throws IOException {
        write(DType.FLOAT16, 3, (1 << 23) + 5);
        Cli cli = Cli.line(DROPOUT + in + " " + out + " --start 77");
        assertEquals(0, cli.code());
        assertArrayEquals(expected(dropout(), 77), bytes(out));
        assertEquals(
                0,
                Cli.line(
                                "apply --layer droppath --p 0.5 --seed 5 --offset 9 --start 77"
                                        + " --in-place " + in)
                        .code());
    }

    @Test
    void convertsUnsignedBytesAndTheOtherByteOrder() throws IOException {
        byte[] pixels = new byte[256];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) i;
        }
        for (String descr : new String[] {"|u1", ">f4", ">f2", ">f8", "<f4"}) {
            int width = descr.charAt(2) - '0';
            Files.write(in, NpyBytes.file(descr, (256 / width) + ",", pixels));
            assertEquals(0, Cli.line(DROPOUT + "--force " + in + " " + out).code());
            assertArrayEquals(expected(dropout(), 0), bytes(out));
        }
    }

    @Test
    void unitsOfFortranOrderAreNumberedInCOrder() throws IOException {
        Path fortran = directory.resolve("fortran.npy");
        String header = "{'descr': '|u1', 'fortran_order': True, 'shape': (200, 150), }";
        byte[] columns = new byte[30_000];
        byte[] rows = new byte[30_000];
        for (int i = 0; i < 200; i++) {
            for (int j = 0; j < 150; j++) {
                columns[i + 200 * j] = rows[150 * i + j] = (byte) (3 * i + 7 * j);
            }
        }
        Files.write(fortran, NpyBytes.file(header, columns));
        Files.write(in, NpyBytes.file("|u1", "200, 150", rows));
        byte[] expected = expected(dropout(), 0);
        for (long partElements : new long[] {1, 1000, 1 << 20}) {
            String line = DROPOUT.replace("apply ", "") + "--force " + fortran + " " + out;
            assertEquals(0, apply(partElements, line).code());
            assertArrayEquals(expected, bytes(out));
        }
    }

    @Test
    void bfloat16KeepsItsForm() throws IOException {
        for (String descr : new String[] {"<V2", "<u2"}) {
            Files.write(in, NpyBytes.file(descr, "4,", new byte[8]));
            String option = descr.equals("<V2") ? "" : "--bfloat16 ";
            assertEquals(0, Cli.line(DROPOUT + option + "--force " + in + " " + out).code());
            String written = new String(Files.readAllBytes(out), StandardCharsets.ISO_8859_1);
            assertTrue(written.contains("'descr': '" + descr + "'"), written);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"|u1", ">f4"})
    void refusesToConvertInPlace(String descr) throws IOException {
        byte[] content = NpyBytes.file(descr, "4,", new byte[descr.equals("|u1") ? 4 : 16]);
        Files.write(in, content);
        Cli cli = Cli.line(DROPOUT + "--in-place " + in);
        assertEquals(1, cli.code());
        assertTrue(
                cli.err()
                        .endsWith(
                                "[4], which is converted; allowed in place are float16, bfloat16,"
                                        + " float32 and float64 in C order and the machine's byte"
                                        + " order. Name an OUT.npy\n"),
                cli.err());
        assertArrayEquals(content, Files.readAllBytes(in));
        assertEquals(List.of("in.npy"), names());
    }

    @ParameterizedTest
    @CsvSource({"0, 20, 1.0", "1, 0, 0.0"})
    void certainProbabilities(double p, int kept, String scale) throws IOException {
        write(DType.FLOAT32, 20);
        Cli cli = Cli.line("apply --layer dropout --p " + p + " --seed 1 " + in + " " + out);
        assertTrue(
                cli.out().startsWith("kept=" + kept + " total=20 scale=" + scale + " "), cli.out());
    }

    @Test
    void emptyFilesAndScalars() throws IOException {
        write(DType.FLOAT32, 0, 5);
        Cli cli = Cli.line(DROPOUT + in + " " + out);
        assertTrue(cli.out().startsWith("kept=0 total=0 "), cli.out() + cli.err());
        assertEquals(0, bytes(out).length);
        Cli paths = Cli.line("apply --force --layer droppath --p 0.3 --seed 5 " + in + " " + out);
        assertEquals(0, paths.code(), paths.err());
        Files.delete(in);
        write(DType.FLOAT32);
        assertTrue(
                Cli.line(DROPOUT + "--force " + in + " " + out).out().contains(" total=1 "),
                "a scalar is one unit");
        Cli scalar = Cli.line("apply --layer droppath --p 0.3 --seed 5 --in-place " + in);
        assertEquals(2, scalar.code());
        assertTrue(scalar.err().contains("rank 0"), scalar.err());
    }

    @Test
    void existingOutputIsReplacedByForceOnly() throws IOException {
        write(DType.FLOAT32, 10);
        Files.writeString(out, "before");
        String error = "dropfuse apply: " + out + ": exists already; --force replaces it\n";
        assertEquals(new Cli(1, "", error), Cli.line(DROPOUT + in + " " + out));
        assertEquals("before", Files.readString(out));
        assertEquals(0, Cli.line(DROPOUT + "--force " + in + " " + out).code());
        assertArrayEquals(expected(dropout(), 0), bytes(out));
    }

    @Test
    void refusesInputsThatCannotBeRead() throws IOException {
        Path missing = directory.resolve("missing.npy");
        assertFailsWithoutATrace(
                DROPOUT + missing + " " + out, missing + ": no such file");
        assertFailsWithoutATrace(
                DROPOUT + directory + " " + out, directory + ": is a directory");
        Files.writeString(in, "not an array");
        assertFailsWithoutATrace(
                DROPOUT + in + " " + out,
                in + ": not an .npy file: it begins with the bytes 6e6f7420616e, expected are"
                        + " 934e554d5059");
        Files.write(in, NpyBytes.file("<f4", "3,", new byte[11]));
        assertFailsWithoutATrace(
                DROPOUT + in + " " + out,
                in + ": truncated: after its header there are 11 bytes, shape [3] of float32 has"
                        + " 12");
        assertFailsWithoutATrace(
                DROPOUT + "--in-place " + in,
                in + ": truncated: after its header there are 11 bytes, shape [3] of float32 has"
                        + " 12");
    }

    @Test
    void refusesOutputsThatCannotBeWritten() throws IOException {
        write(DType.FLOAT32, 10);
        Path nowhere = directory.resolve("no/out.npy");
        assertFailsWithoutATrace(
                DROPOUT + in + " " + nowhere, nowhere + ": its directory does not exist");
        assertFailsWithoutATrace(
                DROPOUT + "--force " + in + " " + directory, directory + ": is a directory");
    }

    private void assertFailsWithoutATrace(String line, String error) throws IOException {
        List<String> before = names();
        assertEquals(new Cli(1, "", "dropfuse apply: " + error + "\n"), Cli.line(line));
        assertEquals(before, names());
    }

    @Test
    void refusesUnitsPastTheLastAndLeavesTheInput() throws IOException {
        write(DType.FLOAT32, 10);
        byte[] before = Files.readAllBytes(in);
        Cli cli = Cli.line(DROPOUT + "--in-place --start 18446744073709551607 " + in);
        String error =
                "dropfuse apply: start is 18446744073709551607, with 10 units allowed are 0 to"
                        + " 18446744073709551606\n";
        assertEquals(new Cli(2, "", error), cli);
        assertArrayEquals(before, Files.readAllBytes(in));
        assertEquals(List.of("in.npy"), names());
    }

    @Test
    void refusesContradictions() throws IOException {
        write(DType.FLOAT32, 10);
        assertWrongUsage(
                DROPOUT + "--in-place " + in + " -o " + directory,
                "--in-place and --out-dir exclude each other");
        assertWrongUsage(DROPOUT + in, "Missing OUT.npy, or --out-dir, or --in-place");
        assertWrongUsage(
                DROPOUT + in + " " + in + " " + out,
                "3 files; for more than IN.npy and OUT.npy there are --out-dir and --in-place");
        for (String stream : new String[] {"-", "/dev/null"}) {
            assertWrongUsage(
                    DROPOUT + "--in-place " + stream,
                    "--in-place needs files, IN.npy is " + stream);
            assertWrongUsage(
                    DROPOUT + "-o " + directory + " " + stream,
                    "--out-dir needs files, IN.npy is " + stream);
        }
        assertWrongUsage(
                DROPOUT + "--force " + in + " " + in,
                "OUT.npy is IN.npy; --in-place is there for that");
        assertWrongUsage(
                DROPOUT.replace("dropout", "dropblock") + in + " " + out,
                "Invalid value for option '--layer': dropblock, allowed are dropout, dropout1d,"
                        + " dropout2d, dropout3d, droppath, alphadropout, featurealphadropout,"
                        + " gaussiandropout, gaussiannoise, dropoutadd, droppathadd, zoneout, dropconnect,"
                        + " dropblock2d, dropblock3d, tokendrop");
        assertWrongUsage(
                DROPOUT.replace("0.3", "-0.3") + in + " " + out,
                "Invalid value for option '--p': -0.3, allowed are 0 to 1");
        assertEquals(List.of("in.npy"), names());
    }

    /** Work is bounded by elements, however many entries there are. */
    @ParameterizedTest
    @ValueSource(strings = {"dropout --p 0.3", "droppath --p 0.3", "gaussiannoise --sigma 1"})
    void manyEntriesWithoutElements(String layer) throws IOException {
        Files.write(in, NpyBytes.file("<f4", "4611686018427387904, 5, 0", new byte[0]));
        Cli cli = Cli.line("apply --seed 1 --layer " + layer + " " + in + " " + out);
        assertEquals("", cli.err());
        assertTrue(cli.out().contains("total=0 "), cli.out());
    }

    private static void assertWrongUsage(String line, String error) {
        assertEquals(new Cli(2, "", "dropfuse apply: " + error + "\n"), Cli.line(line));
    }
}
