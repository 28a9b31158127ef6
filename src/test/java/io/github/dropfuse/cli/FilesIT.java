package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.npy.NpyBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands between pipes, devices, locales and each other, as a shell starts them. */
class FilesIT extends OwnProcess {
    private static final String DROPFUSE = String.join(" ", application()) + " ";
    private static final String APPLY = DROPFUSE + "apply --layer dropout --p 0.5 --seed 1 ";
    private static final String MASK = DROPFUSE + "mask --p 0.1 --seed 42 --count 1000 ";
    private static final String FULL =
            "dropfuse: standard output cannot be written: No space left on device\n";

    @BeforeEach
    void writeInput() throws IOException {
        byte[] data = new byte[4 * 100_000];
        new Random(5).nextBytes(data);
        Files.write(directory.resolve("in.npy"), NpyBytes.file("<f4", "1000, 100", data));
    }

    private Cli shell(String script) throws IOException, InterruptedException {
        return run(List.of("sh", "-c", script));
    }

    private void assertSucceeds(String script) throws IOException, InterruptedException {
        Cli cli = shell(script);
        assertEquals(0, cli.code(), cli.err());
        assertTrue((cli.out() + cli.err()).matches("kept=\\d+ .*\n"), cli.out() + cli.err());
    }

    private void assertSame(String one, String other) throws IOException {
        assertArrayEquals(
                Files.readAllBytes(directory.resolve(one)),
                Files.readAllBytes(directory.resolve(other)));
    }

    @Test
    void aFilterGivesWhatFilesGive() throws IOException, InterruptedException {
        assertSucceeds(APPLY + "in.npy out.npy");
        assertSucceeds("cat in.npy | " + APPLY + "- - > piped.npy");
        assertSame("out.npy", "piped.npy");
        assertSucceeds(APPLY + "in.npy /dev/stdout | cat > stdout.npy");
        assertSame("out.npy", "stdout.npy");
        assertSucceeds(APPLY + "in.npy /dev/fd/1 | cat > descriptor.npy");
        assertSame("out.npy", "descriptor.npy");
        assertSucceeds("cat in.npy | " + APPLY + "/dev/stdin stdin.npy");
        assertSame("out.npy", "stdin.npy");
        assertSucceeds(APPLY + "/dev/stdin redirected.npy < in.npy");
        assertSame("out.npy", "redirected.npy");
        assertSucceeds(
                "mkfifo a b && { cat in.npy > a & cat b > fifo.npy & " + APPLY + "a b; } && wait");
        assertSame("out.npy", "fifo.npy");
    }

    @Test
    void aMaskGoesToStandardOutput() throws IOException, InterruptedException {
        Cli cli = shell(MASK + "--out mask && " + MASK + "--out - > piped");
        assertEquals(0, cli.code());
        assertEquals(cli.out(), cli.err());
        assertSame("mask", "piped");
        assertEquals(125, Files.size(directory.resolve("piped")));
    }

    @Test
    void oneFileComesFromStandardInput() throws IOException, InterruptedException {
        byte[] decisions = new byte[100_000];
        new Random(6).nextBytes(decisions);
        Files.write(directory.resolve("mask.npy"), NpyBytes.file("|u1", "1000, 100", decisions));
        String apply = DROPFUSE + "apply --layer dropout --p 0.5 --mask ";
        assertSucceeds(apply + "mask.npy in.npy out.npy");
        assertSucceeds("cat mask.npy | " + apply + "- in.npy piped.npy");
        assertSame("out.npy", "piped.npy");
        String add = DROPFUSE + "apply --layer dropoutadd --p 0.5 --seed 1 --residual ";
        assertSucceeds(add + "in.npy in.npy added.npy");
        assertSucceeds("cat in.npy | " + add + "- in.npy fed.npy");
        assertSame("added.npy", "fed.npy");
        assertEquals(
                new Cli(
                        2, "",
                        "dropfuse apply: - is standard input, which can be one file only\n"),
                shell("cat in.npy | " + apply + "- - out.npy --force"));
    }

    /** Which of the two is refused, and whether at its beginning or at its end, is theirs to race. */
    @Test
    void twoOfOneNameAreNotBothWritten() throws Exception {
        String[] mask =
                "mask --p 0.5 --seed 1 --backend reference --count 20000000 --out".split(" ");
        List<String> command = application(mask);
        command.add("mask");
        List<Process> both = List.of(start(command), start(command));
        List<String> said = new ArrayList<>();
        for (Process process : both) {
            String text = new String(process.getInputStream().readAllBytes());
            said.add(process.waitFor() + " " + text);
        }
        said.sort(null);
        assertTrue(said.getFirst().startsWith("0 kept="), said.toString());
        assertEquals("1 dropfuse mask: mask: exists already; --force replaces it\n", said.getLast());
        List<String> alone = application(mask);
        alone.add("alone");
        assertEquals(said.getFirst(), "0 " + run(alone).out());
        assertSame("alone", "mask");
        assertEquals(List.of("alone", "in.npy", "mask"), names());
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "--help", "--version", "mask --p 0.1 --seed 42 --count 1000"})
    void aFullDeviceIsSaid(String command) throws IOException, InterruptedException {
        assertEquals(new Cli(1, "", FULL), shell(DROPFUSE + command + " > /dev/full"));
    }

    @Test
    void outputThatCannotBeWrittenIsSaid() throws IOException, InterruptedException {
        String full = "standard output: No space left on device\n";
        assertEquals(
                new Cli(1, "", "dropfuse apply: " + full), shell(APPLY + "in.npy - > /dev/full"));
        assertEquals(
                new Cli(1, "", "dropfuse mask: " + full), shell(MASK + "--out - > /dev/full"));
        String closed = "mkfifo p; sleep 60 < p & exec 4> p; kill $!; wait; ";
        assertEquals(
                new Cli(1, "", "dropfuse apply: standard output: Broken pipe\n"),
                shell(closed + APPLY + "in.npy - >&4"));
        Files.delete(directory.resolve("p"));
        assertEquals(
                new Cli(1, "", FULL.replace("No space left on device", "Broken pipe")),
                shell(closed + MASK + ">&4"));
    }

    @Test
    void namesThatTheLocaleCannotSay() throws IOException, InterruptedException {
        String name = "d\u00e9j\u00e0.npy ";
        Cli cli = shell("export LC_ALL=C; cp in.npy " + name + "; " + APPLY + name + "out.npy");
        assertEquals(2, cli.code());
        assertTrue(
                cli.err()
                        .matches(
                                "dropfuse apply: Invalid value for positional parameter at index"
                                        + " 0\\.\\.\\* \\(IN\\): the locale's encoding, \\S+, has no such name;"
                                        + " set LC_ALL to a locale of UTF-8, such as C.UTF-8\n"),
                cli.err());
        assertSucceeds("export LC_ALL=C.UTF-8; " + APPLY + name + "out.npy");
    }

    @Test
    void anAtSignBeginsAName() throws IOException, InterruptedException {
        assertSucceeds("mv in.npy @x.npy; echo --force > x.npy; " + APPLY + "-- @x.npy @y.npy");
        assertEquals(List.of("@x.npy", "@y.npy", "x.npy"), names());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "info",
                "mask --p 0.1 --seed 42 --count 1000",
                "apply --layer dropout --p 0.5 --seed 1 in.npy out.npy",
                "verify --seconds 0.1 --seed 5"
            })
    void digitsAreThoseOfNoLocale(String command) throws IOException, InterruptedException {
        String arabic = "-Duser.language=ar -Duser.country=EG -Duser.extensions=u-nu-arab -jar";
        Cli cli = shell(DROPFUSE.replace("-Xmx64m -jar", "-Xmx512m " + arabic) + command);
        assertEquals(0, cli.code(), cli.err());
        assertFalse(
                cli.out().codePoints().anyMatch(c -> c > 127 && Character.isDigit(c)), cli.out());
        assertTrue(cli.out().codePoints().anyMatch(Character::isDigit), cli.out());
    }

    @Test
    void leftoversOfTheDeadGoAndThoseOfTheLivingStay() throws IOException, InterruptedException {
        Process process = endless();
        assertEquals(2, names().size());
        assertSucceeds(APPLY + "in.npy out.npy");
        assertEquals(3, names().size(), "the living process's file is gone");
        process.destroyForcibly();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(3, names().size(), "a process that is killed can remove nothing");
        assertSucceeds(APPLY + "--force in.npy out.npy");
        assertEquals(List.of("in.npy", "out.npy"), names());
    }

    /** A mask that would take years, and has its temporary file, which is not empty. */
    private Process endless() throws IOException, InterruptedException {
        Process process =
                start(
                        application(
                                "mask", "--p", "0.5", "--seed", "1", "--backend", "reference",
                                "--count", "1000000000000000", "--out", "mask"));
        boolean begun = false;
        while (!begun) {
            assertTrue(process.isAlive());
            Thread.sleep(5);
            for (String name : names()) {
                begun |=
                        name.startsWith(".dropfuse-") && Files.size(directory.resolve(name)) > 0;
            }
        }
        return process;
    }

    @Test
    void saysWhichLinksKeepTheOldContent() throws IOException, InterruptedException {
        String link = "cp in.npy out.npy; ln out.npy other.npy; ";
        Cli cli = shell(link + APPLY + "--force in.npy out.npy");
        assertEquals(0, cli.code());
        assertEquals(
                "dropfuse apply: out.npy: replaced; 1 other hard link keeps the old content\n",
                cli.err());
        assertSame("in.npy", "other.npy");
    }
}
