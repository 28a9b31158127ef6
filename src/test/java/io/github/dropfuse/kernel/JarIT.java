package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jars in folders of any name, and what is said of settings that cannot be honoured. */
class JarIT {
    private static final Path APPLICATION =
            Path.of(System.getProperty("dropfuse.test.application"));
    private static final Path LIBRARY = Path.of(System.getProperty("dropfuse.test.jar"));

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"a!", "two words, 100%", "%21#+?", "größe"})
    void theLibraryIsFound(String folder) throws IOException {
        assumeTrue(NativeBuild.required(), "this build has no native library");
        Path jar = copy(LIBRARY, folder);
        List<String> classPath = java("--enable-native-access=ALL-UNNAMED", "-cp");
        classPath.add(jar + File.pathSeparator + tests());
        assertFound(classPath);
        List<String> modulePath =
                java("--enable-native-access=io.github.dropfuse", "-p", jar.toString());
        modulePath.addAll(List.of("--add-modules=io.github.dropfuse", "-cp", tests()));
        assertFound(modulePath);
        Output info = NativeBuild.run(java("-jar", copy(APPLICATION, folder).toString(), "info"));
        assertEquals(0, info.exit(), info::text);
        assertTrue(info.text().contains("chosen:    native/"), info::text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "info",
                "info --json",
                "mask --p 0.1 --seed 1 --count 8",
                "apply --layer dropout --p 0.1 --seed 1 in.npy out.npy",
                "verify --seconds 0",
                "bench --seconds 1",
                "demo"
            })
    void commandsRefuseSettingsThatCannotBeHonoured(String command) throws IOException {
        String name = command.split(" ")[0];
        Path missing = directory.resolve("missing");
        assertRefused(
                command, "-Ddropfuse.backend=abacus",
                "dropfuse " + name + ": dropfuse.backend is abacus, allowed are reference,");
        assertRefused(
                command, "-Ddropfuse.library.path=" + missing,
                "dropfuse " + name + ": dropfuse.library.path is " + missing + ", allowed is ");
        if (NativeBuild.required()) {
            assertRefused(
                    command, "-Ddropfuse.library.directory=" + missing,
                    "dropfuse " + name + ": dropfuse.library.directory is " + missing
                            + ", allowed is ");
        }
    }

    private void assertRefused(String command, String option, String message)
            throws IOException {
        List<String> words = java(option, "-jar", APPLICATION.toString());
        words.addAll(List.of(command.split(" ")));
        Output output = NativeBuild.run(words);
        assertEquals(2, output.exit(), output::text);
        assertTrue(output.text().startsWith(message), output::text);
        assertEquals(1, output.text().lines().count(), output::text);
    }

    @Test
    void aFallbackIsToldOnTheCommandLineToo() throws IOException {
        List<String> command = java("-Djava.io.tmpdir=" + directory.resolve("missing"), "-jar");
        command.addAll(List.of(APPLICATION.toString(), "mask", "--p=0.1", "--seed=1", "--count=8"));
        Output output = NativeBuild.run(command);
        assertEquals(0, output.exit(), output::text);
        assertTrue(
                output.text()
                        .contains(
                                "WARNING: Layers compute on java/jit, in Java and slower, as there is"
                                        + " no native library: "),
                output::text);
    }

    private Path copy(Path jar, String folder) throws IOException {
        try {
            Path target = directory.resolve(folder).resolve(jar.getFileName());
            Files.createDirectories(target.getParent());
            return Files.copy(jar, target);
        } catch (InvalidPathException e) {
            assumeTrue(false, "the locale, such as LC_ALL=C, cannot say " + folder);
            throw e;
        }
    }

    private static void assertFound(List<String> command) throws IOException {
        command.add(DescribeMain.class.getName());
        Output output = NativeBuild.run(command);
        assertEquals(0, output.exit(), output::text);
        assertTrue(output.text().startsWith("chosen:    native/"), output::text);
        assertTrue(output.text().contains(", packaged library META-INF/native/"), output::text);
        assertTrue(output.text().endsWith("kept:      894\n"), output::text);
    }

    private static String tests() {
        return NativeBuild.target().resolve("test-classes").toString();
    }

    private static List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        return command;
    }
}
