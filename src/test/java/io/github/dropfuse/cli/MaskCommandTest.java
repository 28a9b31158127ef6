package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.testing.MaskVectors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MaskCommandTest {
    private static final String CONTRACT =
            "mask --p 0.1 --seed 42 --offset 0 --start 0 --count 1000";
    private static final String ANSWER =
            "kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739\n";

    @TempDir private Path directory;

    static List<Backend> backends() {
        return Backends.all();
    }

    static Stream<MaskVectors.Case> vectors() {
        return MaskVectors.all().stream();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void printsTheContractsLine(Backend backend) {
        String forced = " --backend " + backend.name() + " --tier " + backend.tier();
        assertEquals(new Cli(0, ANSWER, ""), Cli.line(CONTRACT + forced));
        assertEquals(new Cli(0, ANSWER, ""), Cli.line(CONTRACT + " --tier " + backend.tier()));
        assertEquals(new Cli(0, ANSWER, ""), Cli.line(CONTRACT + " --backend " + backend.name()));
    }

    @Test
    void offsetAndStartAreZeroUnlessGiven() {
        assertEquals(new Cli(0, ANSWER, ""), Cli.line("mask --p 0.1 --seed 42 --count 1000"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void printsTheVectors(MaskVectors.Case vector) {
        String expected = "kept=" + vector.kept() + " sha256=" + vector.sha256() + "\n";
        for (String seed :
                new String[] {
                    Long.toString(vector.seed()), Long.toUnsignedString(vector.seed())
                }) {
            Cli cli =
                    Cli.run(
                            "mask", "--p", vector.p(), "--seed", seed, "--offset", vector.offset(),
                            "--start", Long.toUnsignedString(vector.start()), "--count",
                            vector.count());
            assertEquals(new Cli(0, expected, ""), cli);
        }
    }

    @Test
    void writesThePackedMask() throws IOException {
        Path file = directory.resolve("mask.bin");
        Cli cli = Cli.line(CONTRACT + " --out " + file);
        assertEquals(new Cli(0, ANSWER, ""), cli);
        byte[] mask = Files.readAllBytes(file);
        assertEquals(125, mask.length);
        assertEquals(894, BitSet.valueOf(mask).cardinality());
        assertEquals(ANSWER.strip().split("=")[2], MaskVectors.sha256(MemorySegment.ofArray(mask)));
    }

    @Test
    void masksLongerThanTheBufferAreWhole() throws IOException {
        long start = 12_345;
        int chunk = 1 << 25;
        Path whole = directory.resolve("whole");
        Path tail = directory.resolve("tail");
        String draw = "mask --p 0.3 --seed -9 --offset 77";
        Cli cli =
                Cli.line(draw + " --start " + start + " --count " + (chunk + 999) + " --out " + whole);
        Cli.line(draw + " --start " + (start + chunk) + " --count 999 --out " + tail);
        byte[] mask = Files.readAllBytes(whole);
        assertEquals(
                "kept=" + BitSet.valueOf(mask).cardinality() + " sha256="
                        + MaskVectors.sha256(MemorySegment.ofArray(mask)) + "\n",
                cli.out());
        assertArrayEquals(
                Files.readAllBytes(tail), Arrays.copyOfRange(mask, chunk / 8, mask.length));
    }

    @Test
    void anEmptyMaskIsEmpty() throws IOException {
        Path file = directory.resolve("mask.bin");
        Cli cli = Cli.line("mask --p 0.5 --seed 1 --count 0 --out " + file);
        assertEquals(
                "kept=0 sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
                cli.out());
        assertEquals(0, Files.size(file));
    }

    /** Columns 3 to 7 of rows 2 to 4 of an array of (6, 9). */
    @ParameterizedTest
    @MethodSource("backends")
    void aBoxHasItsUnitsOfTheWhole(Backend backend) throws IOException {
        Path whole = directory.resolve("whole");
        Path box = directory.resolve("box");
        String draw =
                "mask --p 0.4 --seed 3 --tier " + backend.tier() + " --backend " + backend.name();
        Cli.line(draw + " --count 54 --out " + whole);
        BitSet all = BitSet.valueOf(Files.readAllBytes(whole));
        BitSet expected = new BitSet();
        for (int i = 0; i < 15; i++) {
            expected.set(i, all.get((2 + i / 5) * 9 + 3 + i % 5));
        }
        Cli cli =
                Cli.line(
                        draw + " --whole-shape 6,9 --shard-from 2,3 --shape 3,5 --out " + box);
        byte[] bits = Files.readAllBytes(box);
        assertEquals(2, bits.length);
        assertEquals(expected, BitSet.valueOf(bits));
        assertEquals(
                "kept=" + expected.cardinality() + " sha256="
                        + MaskVectors.sha256(MemorySegment.ofArray(bits)) + "\n",
                cli.out());
    }

    /** It is drawn in pieces, and put together bit by bit. */
    @Test
    void aLargeBoxIsTheWholeOne() {
        long rows = (1 << 22) / 1001 + 5;
        String draw = "mask --p 0.4 --seed 3 ";
        Cli line = Cli.line(draw + "--start 4004 --count " + rows * 1001);
        Cli box =
                Cli.line(
                        draw + "--whole-shape 9000,1001 --shard-from 4,0 --shape " + rows + ",1001");
        assertEquals(line, box);
        assertEquals(
                line, Cli.line(draw + "--whole-shape 9009000 --shard-from 4004 --shape " + rows * 1001));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    --whole-shape 6,9 --shard-from 2,3 | Missing required option: '--shape=N'
                    --whole-shape 6,9 --shape 2,3 | --whole-shape is for --shard-from
                    --count 9 --shape 2,3 | --shape is for --whole-shape
                    --count 9 --whole-shape 6,9 --shard-from 2,3 | --count and --whole-shape exclude each other
                    --whole-shape 6,9 --shard-from 2,3 --shape 3,7 | --shape has shape [3, 7], which from [2, 3] on is not within --whole-shape [6, 9]
                    --whole-shape 6,9 --shard-from 2,3 --shape 3,-7 | --shape has shape [3, -7], which from [2, 3] on is not within --whole-shape [6, 9]
                    --whole-shape 6,9 --shard-from 2,3,4 --shape 3,7 | from has 3 indices, allowed is wholeShape's rank 2
                    --whole-shape \u0663,4 --shard-from 0,0 --shape 1,1 | Invalid value for option '--whole-shape' (N): \u0663, allowed are -2^63 to 2^63 - 1
                    --whole-shape 3,4 --shard-from +0,0 --shape 1,1 | Invalid value for option '--shard-from' (N): +0, allowed are -2^63 to 2^63 - 1
                    --whole-shape 3,4 --shard-from 0,0 --shape 1",1 | Invalid value for option '--shape' (N): 1", allowed are -2^63 to 2^63 - 1
                    --whole-shape 3 --whole-shape 4 --shard-from 0,0 --shape 1,1 | option '--whole-shape' (N) should be specified only once
                    --whole-shape 3,4, --shard-from 0,0 --shape 1,1 | Invalid value for option '--whole-shape' (N): '3,4,' ends with a comma
                    --count 9 --backend cuda --device \u0663 | Invalid value for option '--device': \u0663, allowed are -2^31 to 2^31 - 1
                    """)
    void refusesWrongBoxes(String options, String error) {
        Cli cli = Cli.line("mask --p 0.5 --seed 1 " + options);
        assertEquals(new Cli(2, "", "dropfuse mask: " + error + "\n"), cli);
    }

    @Test
    void aWrongListWritesNothingToStandardErrorItself() {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err));
        try {
            assertEquals(
                    2,
                    Cli.line("mask --p 0.5 --seed 1 --whole-shape 3\",4 --shard-from 0,0 --shape 1,1")
                            .code());
        } finally {
            System.setErr(before);
        }
        assertEquals("", err.toString());
    }

    @Test
    void namesGiveATerminalNoCommands() {
        String name = directory + "/no/\u001b]0;title\u0007\n.bin";
        Cli cli = Cli.run("mask", "--p", "0.5", "--seed", "1", "--count", "9", "--out", name);
        String shown = directory + "/no/\\u001b]0;title\\u0007; .bin";
        String error = "dropfuse mask: " + shown + ": its directory does not exist\n";
        assertEquals(new Cli(1, "", error), cli);
        Cli verbose = Cli.run(
                "mask", "--p", "0.5", "--seed", "1", "--count", "9", "--out", name, "--verbose");
        assertFalse(verbose.err().contains("\u001b"), verbose.err());
    }

    @Test
    void existingFilesAreReplacedByForceOnly() throws IOException {
        Path file = Files.writeString(directory.resolve("mask.bin"), "before");
        Cli refused = Cli.line(CONTRACT + " --out " + file);
        String error = "dropfuse mask: " + file + ": exists already; --force replaces it\n";
        assertEquals(new Cli(1, "", error), refused);
        assertEquals("before", Files.readString(file));
        assertEquals(0, Cli.line(CONTRACT + " --force --out " + file).code());
        assertEquals(125, Files.size(file));
    }

    @Test
    void refusesLinksInACircle() throws IOException {
        Path link = directory.resolve("a");
        Files.createSymbolicLink(link, Files.createSymbolicLink(directory.resolve("b"), link));
        String error = "dropfuse mask: " + link + ": symbolic links in a circle, or too many\n";
        assertEquals(new Cli(1, "", error), Cli.line(CONTRACT + " --out " + link));
    }

    @Test
    void refusesDirectories() {
        Cli cli = Cli.line(CONTRACT + " --force --out " + directory);
        assertEquals(new Cli(1, "", "dropfuse mask: " + directory + ": is a directory\n"), cli);
    }

    @Test
    void theLastUnitIsTheLast() {
        String last = "mask --p 0.5 --seed 1 --start 18446744073709551615 --count ";
        assertEquals(0, Cli.line(last + 1).code());
        String error =
                "dropfuse mask: start is 18446744073709551615, with 2 units allowed are 0 to"
                        + " 18446744073709551614\n";
        assertEquals(new Cli(2, "", error), Cli.line(last + 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --p 1.5 --seed 1 --count 1 | Invalid value for option '--p': 1.5, allowed are 0 to 1
                    --p NaN --seed 1 --count 1 | Invalid value for option '--p': NaN, allowed are 0 to 1
                    --p 0 --seed x --count 1 | Invalid value for option '--seed': x, allowed are -2^63 to 2^64 - 1
                    --p 0 --seed 1 --count -1 | Invalid value for option '--count': -1, allowed are 0 to 2^63 - 1
                    --p 0 --seed 1 --count 1 --offset -1 | Invalid value for option '--offset': -1, allowed are 0 to 2^63 - 1
                    --p 0 --seed 1 --count 1 --start -1 | Invalid value for option '--start': -1, allowed are 0 to 2^64 - 1
                    """)
    void refusesWhatIsOutOfRange(String options, String error) {
        Cli cli = Cli.line("mask " + options);
        assertEquals(new Cli(2, "", "dropfuse mask: " + error + "\n"), cli);
    }

    @Test
    void refusesUnknownBackendsWithTheAllowedNames() {
        Cli backend = Cli.line(CONTRACT + " --backend quantum");
        assertEquals(2, backend.code());
        assertEquals("", backend.out());
        assertTrue(
                backend.err().startsWith("dropfuse mask: backend is quantum, allowed are "),
                backend.err());
        assertTrue(backend.err().contains("reference/java"), backend.err());
        assertEquals(1, backend.err().lines().count());
        Cli tier = Cli.line(CONTRACT + " --backend reference --tier mmx");
        assertEquals(2, tier.code());
        assertTrue(tier.err().contains("backend is reference/mmx, allowed are "), tier.err());
    }

    @Test
    void saysWhyABackendIsMissing() {
        for (String name : Backends.missing().keySet()) {
            String[] parts = name.split("/");
            String tier = parts.length > 1 ? " --tier " + parts[1] : "";
            Cli cli = Cli.line(CONTRACT + " --backend " + parts[0] + tier);
            assertEquals(2, cli.code());
            String why = Backends.missing().get(name);
            String allowed =
                    Backends.all().stream().map(Backend::toString).collect(Collectors.joining(", "));
            assertEquals(
                    "dropfuse mask: backend is " + name + ", which cannot run here: " + why
                            + "; allowed are " + allowed + "\n",
                    cli.err());
        }
    }
}
