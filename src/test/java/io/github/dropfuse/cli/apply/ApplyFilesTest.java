package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several files by one command. */
class ApplyFilesTest extends NpyCommandTest {
    private static final String DROPOUT = "apply --layer dropout --p 0.3 --seed 5 --offset 9 ";
    private static final String FIGURES =
            " time=\\d+\\.\\d{6}s kernel=\\d+\\.\\d{6}s kernelGB/s=\\d+\\.\\d\\d file=\\d+\\.\\d{6}s"
                    + " fileGB/s=\\d+\\.\\d\\d";

    private Path inputs;
    private Path outputs;

    /** B has another type, c another size; what is hidden or is called otherwise is no input. */
    @BeforeEach
    void writeInputs() throws IOException {
        inputs = Files.createDirectory(directory.resolve("inputs"));
        outputs = directory.resolve("outputs");
        write(inputs.resolve("a.npy"), DType.FLOAT32, 30, 40);
        write(inputs.resolve("b.npy"), DType.FLOAT16, 50);
        write(inputs.resolve("c.npy"), DType.FLOAT32, 7, 5);
        Files.writeString(inputs.resolve(".hidden.npy"), "no array");
        Files.writeString(inputs.resolve("notes.txt"), "no array");
        Files.createDirectory(inputs.resolve("deeper.npy"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The contents of a directory's files by their names. */
    private static TreeMap<String, String> contents(Path directory) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        for (String name : names(directory)) {
            Path file = directory.resolve(name);
            contents.put(
                    name, Files.isDirectory(file) ? "" : HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
        return contents;
    }

    /** What each file alone gives, with its own call's number. */
    private TreeMap<String, String> alone(String options) throws IOException {
        Path alone = Files.createDirectory(directory.resolve("alone"));
        int call = 0;
        for (String name : List.of("a.npy", "b.npy", "c.npy")) {
            String line =
                    options.replace("--offset 9", "--offset " + (9 + call++)) + inputs.resolve(name)
                            + " " + alone.resolve(name);
            assertEquals(0, Cli.line(line).code(), line);
        }
        return contents(alone);
    }

    @Test
    void eachFileIsAFurtherCall() throws IOException {
        TreeMap<String, String> alone = alone(DROPOUT);
        Cli cli = Cli.line(DROPOUT + "--out-dir " + outputs + " " + inputs);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        assertEquals(alone, contents(outputs));
        List<String> lines = cli.out().lines().toList();
        assertEquals(4, lines.size(), cli.out());
        long[] totals = {1200, 50, 35};
        for (int i = 0; i < 3; i++) {
            Path file = inputs.resolve((char) ('a' + i) + ".npy");
            String line =
                    file + ": offset=" + (9 + i) + " kept=\\d+ total=" + totals[i]
                            + " scale=1\\.428\\d* backend=\\S+" + FIGURES;
            assertTrue(lines.get(i).matches(line), lines.get(i));
        }
        long bytes = 4 * 1200 + 2 * 50 + 4 * 35;
        String sum = "files=3 read=" + bytes + "B written=" + bytes + "B backend=\\S+" + FIGURES;
        assertTrue(lines.getLast().matches(sum), lines.getLast());
    }

    @Test
    void theOrderOfTheWordsDoesNotMatter() throws IOException {
        TreeMap<String, String> alone = alone(DROPOUT);
        List<String> words = new ArrayList<>();
        alone.keySet().forEach(name -> words.add(inputs.resolve(name).toString()));
        for (int i = 0; i < 3; i++) {
            Collections.rotate(words, 1);
            Path out = directory.resolve("out" + i);
            Cli cli = Cli.line(DROPOUT + String.join(" ", words) + " -o " + out);
            assertEquals(0, cli.code(), cli.err());
            assertEquals(alone, contents(out));
        }
    }

    @Test
    void inPlaceGivesTheSame() throws IOException {
        TreeMap<String, String> expected = contents(inputs);
        expected.putAll(alone(DROPOUT));
        Cli cli = Cli.line(DROPOUT + "--in-place " + inputs);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        assertEquals(expected, contents(inputs));
    }

    @Test
    void oneInputIsTheCallThatWasGiven() throws IOException {
        Path a = inputs.resolve("a.npy");
        Cli.line(DROPOUT + a + " " + out);
        Cli cli = Cli.line(DROPOUT + "-o " + outputs + " " + a);
        assertEquals(0, cli.code(), cli.err());
        assertTrue(cli.out().startsWith("kept="), cli.out());
        assertArrayEquals(bytes(out), bytes(outputs.resolve("a.npy")));
    }

    /** A directory for another operand, or for a mask, has a file for each input. */
    @Test
    void directoriesOfOperands() throws IOException {
        Files.delete(inputs.resolve("b.npy"));
        Path residuals = Files.createDirectory(directory.resolve("residuals"));
        write(residuals.resolve("a.npy"), DType.FLOAT32, i -> 3 * i, 30, 40);
        write(residuals.resolve("c.npy"), DType.FLOAT32, i -> 5 * i, 7, 5);
        String add = DROPOUT.replace("dropout", "dropoutadd");
        assertEquals(
                0, Cli.line(add + "--residual " + residuals + " -o " + outputs + " " + inputs).code());
        int call = 9;
        for (String name : List.of("a.npy", "c.npy")) {
            String line =
                    add.replace("9", "" + call++) + "--force --residual " + residuals.resolve(name) + " "
                            + inputs.resolve(name) + " " + out;
            assertEquals(0, Cli.line(line).code(), line);
            assertArrayEquals(bytes(out), bytes(outputs.resolve(name)));
        }
    }

    @Test
    void aStoredMaskIsForAll() throws IOException {
        Path mask = directory.resolve("mask.npy");
        Path some = Files.createDirectory(directory.resolve("some"));
        write(some.resolve("x.npy"), DType.FLOAT32, 4);
        write(some.resolve("y.npy"), DType.FLOAT64, 4);
        Files.write(mask, NpyBytes.file("|b1", "4,", new byte[] {1, 0, 0, 1}));
        String masked = "apply --layer dropout --p 0.5 --mask " + mask;
        Cli cli = Cli.line(masked + " -o " + outputs + " " + some);
        assertEquals(0, cli.code(), cli.err());
        assertFalse(cli.out().contains("offset="), cli.out());
        for (String line : cli.out().lines().limit(2).toList()) {
            assertTrue(line.contains(".npy: kept=2 total=4 scale=2.0 "), line);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    -o D/outputs D/inputs D/inputs/a.npy | D/inputs/a.npy and D/inputs/a.npy have the same name, and files are told apart by their names without directories
                    -o D/outputs D/inputs D/more | D/inputs/a.npy and D/more/a.npy have the same name, and files are told apart by their names without directories
                    --in-place D/inputs D/more | D/inputs/a.npy and D/more/a.npy have the same name, and files are told apart by their names without directories
                    --in-place D/more | D/more/a.npy and D/more/link.npy are the same file
                    -o D/inputs D/inputs | D/inputs/a.npy is an input; --in-place is there for that
                    -o D/outputs D/empty | D/empty: a directory without files *.npy
                    -o D/inputs/a.npy D/inputs | --out-dir D/inputs/a.npy is not a directory
                    -o D/outputs D/inputs - | --out-dir needs files, IN.npy is -
                    --in-place D/inputs /dev/null | --in-place needs files, IN.npy is /dev/null
                    --stream pytorch-rand -o D/outputs D/inputs | --stream is for one file: where a call of PyTorch's generator begins depends on the sizes before it
                    --offset 9223372036854775806 -o D/outputs D/inputs | offset is 9223372036854775806, with 3 files allowed are 0 to 9223372036854775805
                    --start 18446744073709551600 -o D/outputs D/inputs | D/inputs/a.npy: start is 18446744073709551600, with 1200 units allowed are 0 to 461168601842738760
                    """)
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links, and a device, are Unix's")
    void refusesContradictions(String options, String error) throws IOException {
        Path more = Files.createDirectory(directory.resolve("more"));
        Files.createDirectory(directory.resolve("empty"));
        write(more.resolve("a.npy"), DType.FLOAT32, 10);
        Files.createSymbolicLink(more.resolve("link.npy"), Path.of("a.npy"));
        assertRefuses(2, options, error);
    }

    /** Also where the last file alone is at fault, whatever comes before it. */
    @Test
    void checksAllInputsBeforeTheFirstOutput() throws IOException {
        Path last = inputs.resolve("z.npy");
        String all = "-o D/outputs D/inputs";
        Files.write(last, NpyBytes.file("<f4", "3,", new byte[11]));
        assertRefuses(
                1, all,
                "D/inputs/z.npy: truncated: after its header there are 11 bytes, shape [3] of"
                        + " float32 has 12");
        Files.write(last, NpyBytes.file("|u1", "3,", new byte[3]));
        assertRefuses(
                1, "--in-place D/inputs",
                "D/inputs/z.npy: holds uint8 [3], which is converted; allowed in place are float16,"
                        + " bfloat16, float32 and float64 in C order and the machine's byte order."
                        + " Name an OUT.npy");
        Files.delete(last);
        assertRefuses(1, all + " D/inputs/zz.npy", "D/inputs/zz.npy: no such file");
        assertRefuses(1, "-o D/no/outputs D/inputs", "D/no/outputs: its directory does not exist");
        Files.createDirectory(outputs);
        Files.writeString(outputs.resolve("c.npy"), "before");
        assertRefuses(1, all, "D/outputs/c.npy: exists already; --force replaces it");
        assertEquals(0, Cli.line(DROPOUT + all.replace("D", "" + directory) + " --force").code());
    }

    @Test
    void refusesAnOperandThatWouldBeWritten() throws IOException {
        Path a = inputs.resolve("a.npy");
        String add = DROPOUT.replace("dropout", "dropoutadd") + "--residual " + a;
        Cli cli = Cli.line(add + " --in-place " + inputs);
        String error =
                "dropfuse apply: " + a + " is read for every file, and would be written in between\n";
        assertEquals(new Cli(2, "", error), cli);
    }

    private void assertRefuses(int code, String options, String error) throws IOException {
        TreeMap<String, String> before = contents(inputs);
        boolean there = Files.exists(outputs);
        List<String> outputsBefore = there ? names(outputs) : List.of();
        String line = DROPOUT + options.replace("D/", directory + "/");
        if (options.contains("--offset") || options.contains("--stream")) {
            line = line.replace("--offset 9 ", "");
        }
        String message = "dropfuse apply: " + error.replace("D/", directory + "/") + "\n";
        assertEquals(new Cli(code, "", message), Cli.line(line));
        assertEquals(before, contents(inputs));
        assertEquals(there, Files.exists(outputs));
        assertEquals(outputsBefore, there ? names(outputs) : List.of());
    }
}
