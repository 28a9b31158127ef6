package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.npy.NpyBytes;
import io.github.dropfuse.testing.NativeBuild;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The jars as users have them, each in a process of its own. */
class CommandLineIT extends OwnProcess {
    private static final String LIBRARY = System.getProperty("dropfuse.test.jar");
    private static final String CONTRACT =
            "kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739\n";
    private static final String[] DRAW =
            "mask --p 0.1 --seed 42 --offset 0 --start 0 --count 1000".split(" ");

    private static final String PROGRAM =
            """
            import io.github.dropfuse.*;
            import io.github.dropfuse.layer.*;

            class Program {
                public static void main(String[] arguments) {
                    float[] values = {1, 2, 3, 4, 5, 6, 7, 8};
                    Tensor x = Tensor.of(values, 8);
                    new Dropout(0.5).forward(x, x, Generator.seeded(1).next());
                    System.out.println(java.util.Arrays.toString(values));
                    System.out.println(Tensor.class.getModule().isNamed());
                    System.out.println(Backends.automatic().name());
                }
            }
            """;

    /** A file of zeros that takes no space on the disk. */
    private void writeSparse(String name, long elements) throws IOException {
        byte[] header = NpyBytes.file("<f4", elements + ",");
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve(name).toFile(), "rw")) {
            file.write(header);
            file.setLength(header.length + 4 * elements);
        }
    }

    @Test
    void printsTheContractsLineWithoutAnyWarning() throws IOException, InterruptedException {
        assertEquals(new Cli(0, CONTRACT, ""), dropfuse(DRAW));
        Cli info = dropfuse("info");
        assertEquals(0, info.code());
        assertEquals("", info.err());
        Matcher available = Pattern.compile("available: (.*)\n").matcher(info.out());
        assertTrue(available.find(), info.out());
        for (String backend : available.group(1).split(", ")) {
            String[] parts = backend.split("/");
            List<String> command = application(DRAW);
            command.addAll(List.of("--backend", parts[0], "--tier", parts[1]));
            assertEquals(new Cli(0, CONTRACT, ""), run(command), backend);
        }
    }

    @Test
    void knowsItsBackends() throws IOException, InterruptedException {
        String out = dropfuse("info").out();
        boolean required = NativeBuild.required();
        assertTrue(out.contains(required ? "chosen:    native/" : "chosen:    java/jit"), out);
        assertTrue(dropfuse("--version").out().matches("dropfuse \\d+\\.\\d+\\.\\d+.*\n"));
    }

    /** A path could hold commands for a terminal. */
    @Test
    void showsPathsAsTheyCanBeSeen() throws IOException, InterruptedException {
        assumeTrue(NativeBuild.required(), "without a native library no path is named");
        List<String> command = application("info");
        command.add(1, "-Djava.io.tmpdir=" + Path.of("no\u001b[31m").toAbsolutePath());
        Cli info = run(command);
        assertEquals(0, info.code());
        assertTrue(info.out().contains("no\\u001b[31m cannot be written to"), info.out());
        assertEquals(-1, info.out().indexOf('\u001b'));
    }

    @Test
    void exitCodesSayWhatHappened() throws IOException, InterruptedException {
        assertEquals(0, dropfuse("--help").code());
        Cli failed = dropfuse("apply", "--layer", "dropout", "--p", "0.1", "--seed", "1", "a", "b");
        assertEquals(new Cli(1, "", "dropfuse apply: a: no such file\n"), failed);
        Cli wrong = dropfuse("mask", "--p", "2", "--seed", "1", "--count", "1");
        String error =
                "dropfuse mask: Invalid value for option '--p': 2, allowed are 0 to 1\n";
        assertEquals(new Cli(2, "", error), wrong);
        assertEquals(new Cli(2, "", dropfuse("--help").out()), dropfuse());
    }

    /** As bench/report/start-up.md has it. The cache refuses another jar, another path, other flags. */
    @Test
    void startsFromAnAheadOfTimeCache() throws IOException, InterruptedException {
        // Not beside the kernels of a build: a cache is made for jars, and for no directory.
        Path jar = Files.copy(Path.of(APPLICATION), directory.resolve("dropfuse.jar"));
        List<String> training = application(DRAW);
        training.replaceAll(word -> word.equals(APPLICATION) ? jar.toString() : word);
        List<String> plain = List.copyOf(training);
        training.add(1, "-XX:AOTCacheOutput=dropfuse.aot");
        Cli trained = run(training);
        assertEquals(0, trained.code(), trained.err());
        assertTrue(trained.out().startsWith(CONTRACT), trained.out());
        List<String> command = new ArrayList<>(plain);
        command.addAll(1, List.of("-XX:AOTCache=dropfuse.aot", "-XX:AOTMode=on"));
        assertEquals(new Cli(0, CONTRACT, ""), run(command));
        List<String> withoutCache = new ArrayList<>(plain);
        withoutCache.addAll(1, List.of("-XX:AOTCache=missing.aot", "-XX:AOTMode=on"));
        assertNotEquals(0, run(withoutCache).code(), "-XX:AOTMode=on has to ask for the cache");
    }

    /** A cache leaves out what is older than Java 6. */
    @Test
    void aCacheTakesEveryClass() throws IOException {
        try (ZipFile jar = new ZipFile(APPLICATION)) {
            List<? extends ZipEntry> classes =
                    jar.stream().filter(entry -> entry.getName().endsWith(".class")).toList();
            assertTrue(classes.stream().anyMatch(c -> c.getName().startsWith("picocli/")));
            for (ZipEntry entry : classes) {
                try (DataInputStream content = new DataInputStream(jar.getInputStream(entry))) {
                    content.skipNBytes(6);
                    assertTrue(content.readUnsignedShort() >= 50, entry.getName());
                }
            }
        }
    }

    @Test
    void demonstratesWithoutFontsOrDisplay() throws IOException, InterruptedException {
        List<String> command = application("demo");
        command.set(command.indexOf("-Xmx64m"), "-Xmx512m");
        command.addAll(0, List.of("env", "-u", "DISPLAY", "FONTCONFIG_FILE=/dev/null"));
        Cli cli = run(command);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        assertTrue(cli.out().contains("droppath"), cli.out());
        assertEquals(List.of("dropfuse-demo.png"), names());
    }

    @Test
    void verifies() throws IOException, InterruptedException {
        List<String> command = application("verify", "--seconds", "1", "--seed", "5");
        command.set(command.indexOf("-Xmx64m"), "-Xmx512m");
        Cli cli = run(command);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        assertTrue(cli.out().contains("\nequal: reference/java, "), cli.out());
    }

    @Test
    void filesMayBeLargerThanTheHeap() throws IOException, InterruptedException {
        writeSparse("in.npy", 64 << 20);
        String[] apply = "apply --layer dropout --p 0.5 --seed 1 in.npy out.npy".split(" ");
        Cli cli = dropfuse(apply);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        apply[apply.length - 1] = "--in-place";
        Cli inPlace = dropfuse(apply);
        assertEquals("", inPlace.err());
        assertEquals(0, inPlace.code());
        assertEquals(-1, Files.mismatch(directory.resolve("in.npy"), directory.resolve("out.npy")));
    }

    /** For where there is no room for the native library, which is a warning elsewhere. */
    private static List<String> onReference(String... arguments) {
        List<String> command = application(arguments);
        command.add(1, "-Ddropfuse.backend=reference");
        return command;
    }

    @Test
    void aFullDiskIsAnErrorAndLeavesNothing() throws IOException, InterruptedException {
        writeSparse("in.npy", 16 << 20);
        byte[] before = Files.readAllBytes(directory.resolve("in.npy"));
        for (String rest : new String[] {"in.npy out.npy", "--in-place in.npy"}) {
            String apply =
                    String.join(" ", onReference("apply"))
                            + " --layer dropout --p 0.5 --seed 1 " + rest;
            Cli cli = run(List.of("sh", "-c", "ulimit -f 32768; " + apply));
            assertEquals(1, cli.code());
            assertTrue(cli.err().contains(": cannot take 67108"), cli.err());
            assertEquals(1, cli.err().lines().count(), cli.err());
            assertEquals(List.of("in.npy"), names());
        }
        assertArrayEquals(before, Files.readAllBytes(directory.resolve("in.npy")));
        String mask = String.join(" ", onReference("mask", "--out", "mask"));
        Cli cli =
                run(
                        List.of(
                                "sh", "-c",
                                "ulimit -f 2048; " + mask + " --p 0.5 --seed 1 --count 100000000"));
        assertEquals(1, cli.code());
        assertTrue(cli.err().startsWith("dropfuse mask: mask: "), cli.err());
        assertEquals(List.of("in.npy"), names());
    }

    /** What was written stays, and the rest is as it was. */
    @Test
    void aFailureInTheMiddleNamesTheFile() throws IOException, InterruptedException {
        writeSparse("a.npy", 1000);
        writeSparse("b.npy", 16 << 20);
        writeSparse("c.npy", 1000);
        String apply =
                String.join(" ", onReference("apply"))
                        + " --layer dropout --p 0.5 --seed 1 -o out c.npy b.npy a.npy";
        Cli cli = run(List.of("sh", "-c", "ulimit -f 32768; " + apply));
        assertEquals(1, cli.code());
        assertTrue(cli.out().matches("a.npy: offset=0 kept=\\d+ total=1000 .*\n"), cli.out());
        assertTrue(
                cli.err()
                        .matches(
                                "dropfuse apply: b.npy: out/b.npy: cannot take 67108992 bytes.*;"
                                        + " 1 of 3 files were written before it\n"),
                cli.err());
        try (Stream<Path> files = Files.list(directory.resolve("out"))) {
            assertEquals(List.of("a.npy"), files.map(one -> one.getFileName().toString()).toList());
        }
    }

    @Test
    void verifyBelowALimitOfFilesIsAnError() throws IOException, InterruptedException {
        String small = Files.createDirectory(directory.resolve("small")).toString();
        verifyFails(List.of("sh", "-c", "ulimit -f 128 && exec \"$@\"", small), "File too large");
    }

    /** The disk of mapped files: where they have holes, the system ends the process (SIGBUS). */
    @Test
    void verifyOnAFullDiskIsAnError() throws IOException, InterruptedException {
        String small = Files.createDirectory(directory.resolve("small")).toString();
        List<String> onSmallDisk =
                List.of(
                        "unshare", "-rm", "sh", "-c",
                        "mount -t tmpfs -o size=64k none \"$0\" && exec \"$@\"", small);
        List<String> attempt = new ArrayList<>(onSmallDisk);
        attempt.add("true");
        assumeTrue(canRun(attempt), "the system refuses to mount a small disk");
        verifyFails(onSmallDisk, "No space left on device");
    }

    /** Of what keeps files from growing, the last word is their directory. */
    private void verifyFails(List<String> confined, String reason)
            throws IOException, InterruptedException {
        String small = confined.getLast();
        List<String> verify = new ArrayList<>(confined);
        verify.addAll(application("verify", "--deep", "--seed", "1", "--seconds", "240"));
        verify.set(verify.indexOf("-Xmx64m"), "-Xmx2g");
        verify.addAll(
                verify.indexOf("-jar"),
                List.of("-Ddropfuse.backend=reference", "-Djava.io.tmpdir=" + small));
        Cli cli = run(verify);
        assertEquals(1, cli.code(), cli.err());
        assertTrue(
                cli.err()
                        .matches(
                                "dropfuse verify: no file of \\d+ bytes to map in " + small
                                        + ": " + reason + "\n"),
                cli.err());
    }

    private boolean canRun(List<String> command) throws InterruptedException {
        try {
            return run(command).code() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void demoInAPipe() throws IOException, InterruptedException {
        String demo = String.join(" ", application("demo", "--out", "-"));
        Cli cli = run(List.of("sh", "-c", demo + " > picture.png"));
        assertEquals(0, cli.code(), cli.err());
        assertTrue(cli.err().endsWith("\nPicture: -\n"), cli.err());
        assertNotNull(ImageIO.read(directory.resolve("picture.png").toFile()));
        assertEquals(List.of("picture.png"), names());
    }

    @Test
    void aRunThatIsEndedLeavesNothing() throws IOException, InterruptedException {
        writeSparse("in.npy", 512 << 20);
        for (String rest : new String[] {"out.npy", "--in-place"}) {
            String apply =
                    "apply --backend reference --layer dropout --p 0.5 --seed 1 in.npy " + rest;
            Process process =
                    new ProcessBuilder(application(apply.split(" ")))
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .start();
            while (names().size() < 2 && process.isAlive()) {
                Thread.sleep(5);
            }
            process.destroy();
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
            assertNotEquals(0, process.exitValue());
            assertEquals(List.of("in.npy"), names());
        }
    }

    @Test
    void theLibraryWorksOnTheClassPath() throws IOException, InterruptedException {
        assertLibrary(
                "false", "-cp", LIBRARY, "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void theLibraryWorksAsAModule() throws IOException, InterruptedException {
        assertLibrary(
                "true", "-p", LIBRARY, "--add-modules=io.github.dropfuse",
                "--enable-native-access=io.github.dropfuse",
                "--limit-modules=jdk.compiler,io.github.dropfuse");
    }

    private void assertLibrary(String named, String... options)
            throws IOException, InterruptedException {
        Path program = Files.writeString(directory.resolve("Program.java"), PROGRAM);
        List<String> command = new ArrayList<>(List.of(JAVA, "--illegal-native-access=deny"));
        if (!NativeBuild.required()) {
            command.add("-Ddropfuse.backend=java");
        }
        command.addAll(Arrays.asList(options));
        command.add(program.toString());
        Cli cli = run(command);
        assertEquals("", cli.err());
        assertEquals(0, cli.code());
        List<String> lines = cli.out().lines().toList();
        String values = "\\[((0|2|4|6|8|10|12|14|16)\\.0(, )?){8}]";
        assertTrue(lines.getFirst().matches(values), cli.out());
        assertEquals(named, lines.get(1));
        assertEquals(NativeBuild.required() ? "native" : "java", lines.get(2));
    }
}
