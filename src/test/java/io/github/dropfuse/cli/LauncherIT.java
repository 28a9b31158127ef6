package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.NativeBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The archive's launcher, laid out as in the archive. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a script for POSIX shells")
class LauncherIT extends OwnProcess {
    private static final Path SCRIPT = Path.of("src/packaging/archive/bin/dropfuse");
    private static final String MASK = "mask --p 0.1 --seed 42 --count 1000";
    private static final Cli CONTRACT =
            new Cli(
                    0,
                    "kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739\n",
                    "");
    private static final String OPTIONS =
            NativeBuild.required() ? "" : "-Ddropfuse.backend=java "; // Without it there is a warning.

    private Path home;
    private Path launcher;

    @BeforeEach
    void unpack() throws IOException {
        home = directory.resolve("a place/dropfuse");
        launcher = home.resolve("bin/dropfuse");
        Files.createDirectories(launcher.getParent());
        Files.createDirectories(home.resolve("lib"));
        Files.copy(SCRIPT, launcher);
        assertTrue(launcher.toFile().setExecutable(true));
        Files.copy(Path.of(APPLICATION), home.resolve("lib/dropfuse.jar"));
    }

    /** Runs the launcher with these variables of the environment, and no others that it knows. */
    private Cli launch(Path launcher, String words, String... variables)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "-u", "JDK_JAVA_OPTIONS"));
        command.addAll(
                List.of(
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        "XDG_CACHE_HOME=" + directory.resolve("a cache"),
                        "DROPFUSE_CACHE=off",
                        "DROPFUSE_OPTS=" + OPTIONS));
        command.addAll(Arrays.asList(variables));
        command.add(launcher.toString());
        command.addAll(List.of(words.split(" ")));
        return run(command);
    }

    private List<Path> caches() throws IOException {
        Path caches = directory.resolve("a cache/dropfuse");
        if (!Files.exists(caches)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(caches)) {
            return files.filter(file -> file.toString().endsWith(".aot")).toList();
        }
    }

    @Test
    void startsThroughSymbolicLinks() throws IOException, InterruptedException {
        assertEquals(CONTRACT, launch(launcher, MASK));
        Path near = directory.resolve("near");
        Files.createSymbolicLink(near, Path.of("a place/dropfuse/bin/dropfuse"));
        Path links = Files.createDirectory(directory.resolve("links"));
        Path far = Files.createSymbolicLink(links.resolve("dropfuse"), Path.of("../near"));
        assertEquals(CONTRACT, launch(far, MASK));
        Path absolute = Files.createSymbolicLink(links.resolve("absolute"), launcher);
        assertEquals(CONTRACT, launch(absolute, MASK));
    }

    @Test
    void passesOnArgumentsAndTheExitCode() throws IOException, InterruptedException {
        List<String> command = List.of(launcher.toString(), "apply", "--layer", "a *  b\"$x", "c", "d");
        List<String> all =
                new ArrayList<>(
                        List.of("env", "JAVA_HOME=" + System.getProperty("java.home"), "x=wrong"));
        all.addAll(command);
        Cli cli = run(all);
        assertEquals(2, cli.code());
        assertTrue(cli.err().contains("'--layer': a *  b\"$x, allowed are"), cli.err());
        assertEquals(2, launch(launcher, "--verbose", "DROPFUSE_OPTS=").code());
    }

    @ParameterizedTest
    @CsvSource({"1.8.0_402, true", "17.0.2, true", "24, true", "24.0.1, false", "1.8.0_402, false"})
    void refusesAnOlderJava(String version, boolean hasFile)
            throws IOException, InterruptedException {
        Path old = directory.resolve("old");
        Path java = old.resolve("bin/java");
        Files.createDirectories(java.getParent());
        if (hasFile) {
            Files.writeString(old.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        }
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"" + version + "\" x' >&2\n");
        assertTrue(java.toFile().setExecutable(true));
        String error =
                "dropfuse: " + java + " is Java " + version
                        + "; needed is Java 25 or newer, by JAVA_HOME or on the PATH\n";
        assertEquals(new Cli(2, "", error), launch(launcher, "info", "JAVA_HOME=" + old));
    }

    @Test
    void saysWhatIsMissing() throws IOException, InterruptedException {
        String needed = "; needed is Java 25 or newer\n";
        assertEquals(
                new Cli(2, "", "dropfuse: JAVA_HOME is /nowhere, which has no bin/java" + needed),
                launch(launcher, "info", "JAVA_HOME=/nowhere"));
        assertEquals(
                new Cli(
                        2, "",
                        "dropfuse: there is no java on the PATH and no JAVA_HOME" + needed),
                launch(launcher, "info", "JAVA_HOME=", "PATH=/nowhere"));
        Path jar = home.toRealPath().resolve("lib/dropfuse.jar");
        Files.delete(jar);
        assertEquals(
                new Cli(
                        2, "",
                        "dropfuse: " + jar + ": cannot be read, and belongs to bin/dropfuse\n"),
                launch(launcher, "info"));
    }

    /** In this mode a cache that is not taken is an error, which in the usual one nobody sees. */
    @Test
    void startsFromACacheThatFits() throws IOException, InterruptedException {
        Cli made = launch(launcher, "--make-cache", "DROPFUSE_CACHE=on");
        assertEquals(0, made.code(), made.err());
        assertEquals(1, caches().size());
        Path cache = caches().getFirst();
        assertEquals(
                new Cli(0, "dropfuse: commands start from " + cache + "\n", ""), made);
        String strict = "DROPFUSE_OPTS=" + OPTIONS + "-XX:AOTMode=on";
        assertEquals(CONTRACT, launch(launcher, MASK, "DROPFUSE_CACHE=on", strict));
        Files.writeString(cache, "no cache");
        assertNotEquals(0, launch(launcher, MASK, "DROPFUSE_CACHE=on", strict).code());
        assertEquals(CONTRACT, launch(launcher, MASK, "DROPFUSE_CACHE=on"));
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void theFirstShortCommandHasACacheMade() throws IOException, InterruptedException {
        assertEquals(CONTRACT, launch(launcher, MASK));
        Cli refused = launch(launcher, "--make-cache");
        assertEquals(2, refused.code());
        assertTrue(refused.err().endsWith(" and no DROPFUSE_CACHE=off\n"), refused.err());
        assertEquals(List.of(), caches());
        assertEquals(CONTRACT, launch(launcher, MASK, "DROPFUSE_CACHE=on"));
        while (caches().isEmpty()) {
            Thread.sleep(50);
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsNoError() throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("file"), "");
        String nowhere = "XDG_CACHE_HOME=" + file;
        assertEquals(CONTRACT, launch(launcher, MASK, "DROPFUSE_CACHE=on", nowhere));
        assertEquals(
                CONTRACT,
                launch(launcher, MASK, "DROPFUSE_CACHE=on", "XDG_CACHE_HOME=", "HOME="));
        Cli asked = launch(launcher, "--make-cache", "DROPFUSE_CACHE=on", nowhere);
        assertEquals(2, asked.code());
        assertTrue(asked.err().endsWith(".aot: cannot be made\n"), asked.err());
    }

    /** Who owns the directory could put something else there. */
    @Test
    void noCacheIsMadeWhereAnotherUserOwnsTheDirectory() throws IOException, InterruptedException {
        Path root = Path.of("/");
        Path others = root;
        if (Files.getOwner(root).equals(Files.getOwner(directory))) {
            others = Files.createDirectory(directory.resolve("others"));
            Files.setOwner(
                    others,
                    others.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("nobody"));
        }
        String variable = "XDG_CACHE_HOME=" + others.resolve("below");
        Cli refused = launch(launcher, "--make-cache", "DROPFUSE_CACHE=on", variable);
        assertEquals(2, refused.code());
        assertTrue(refused.err().startsWith("dropfuse: no cache in " + others), refused.err());
        assertEquals(CONTRACT, launch(launcher, MASK, "DROPFUSE_CACHE=on", variable));
        assertFalse(Files.exists(others.resolve("below")));
    }
}
