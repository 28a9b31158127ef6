package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import io.github.dropfuse.testing.UnloadMain;
import io.github.dropfuse.testing.WaitMain;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged library leaves in a directory, and what it makes of what others left there. */
@Tag("long")
class ExtractionTest {
    private static final String LIBRARY = System.mapLibraryName("dropfuse");

    /** Says that it is being loaded, and keeps the process from going on. */
    private static final String ENDLESS =
            """
            #include <unistd.h>
            int dropfuse_abi_version(void)
            {
                if (write(1, "loading\\n", 8))
                    for (;;)
                        pause();
                return 0;
            }
            """;

    @TempDir private Path directory;
    @TempDir private Path other;
    private Process process;

    @BeforeEach
    void isBuilt() {
        assumeTrue(NativeBuild.required(), "this build has no native library");
    }

    @AfterEach
    void end() throws InterruptedException {
        if (process != null) {
            kill();
        }
    }

    @Test
    void aRunningProcessHasLeftNothing() throws IOException, InterruptedException {
        start(WaitMain.class, List.of());
        await("waits");
        assertEquals(List.of(), names(directory));
        kill();
        assertEquals(List.of(), names(directory));
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndNoLivingOnes() throws IOException, InterruptedException {
        Path classes = other.resolve("META-INF/native/" + NativeLibrary.platform());
        Files.createDirectories(classes);
        Files.move(NativeBuild.compile(other, "dropfuse", ENDLESS), classes.resolve(LIBRARY));
        start(DescribeMain.class, List.of(other));
        await("loading");
        List<String> living = names(directory);
        assertEquals(1, living.size());
        Path made = directory.resolve(living.getFirst());
        assertEquals(List.of(LIBRARY, "lock"), names(made));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        assertLoaded();
        assertEquals(living, names(directory));
        assertEquals(List.of(LIBRARY, "lock"), names(made));
        kill();
        assertEquals(living, names(directory));
        assertLoaded();
        assertEquals(List.of(), names(directory));
    }

    /** Killed before it had locked, and before it had a file. */
    @Test
    void anEmptyDirectoryIsRemoved() throws IOException {
        Files.createDirectory(directory.resolve("dropfuse-native-1"));
        assertLoaded();
        assertEquals(List.of(), names(directory));
    }

    @Test
    void whatIsNotOursStays() throws IOException {
        left(Files.createDirectory(other.resolve("linked")));
        Files.createSymbolicLink(directory.resolve("dropfuse-native-1"), other.resolve("linked"));
        left(Files.createDirectory(directory.resolve("dropfuse-work")));
        Files.writeString(directory.resolve("dropfuse-native-2"), "a file");
        assertLoaded();
        assertEquals(
                List.of("dropfuse-native-1", "dropfuse-native-2", "dropfuse-work"),
                names(directory));
        assertEquals(List.of(LIBRARY), names(other.resolve("linked")));
        assertEquals(List.of(LIBRARY), names(directory.resolve("dropfuse-work")));
    }

    @Test
    void anotherUsersDirectoryStays() throws IOException {
        Path foreign = left(Files.createDirectory(directory.resolve("dropfuse-native-1")));
        try {
            Files.setAttribute(foreign, "unix:uid", 65534);
        } catch (IOException e) {
            assumeTrue(false, "only root can give a directory to another user");
        }
        assertLoaded();
        assertEquals(List.of(LIBRARY), names(foreign));
    }

    @Test
    void aDroppedClassLoaderIsCollectedAndTheLibraryUnmapped() throws IOException {
        List<String> command = java(UnloadMain.class, List.of());
        command.add(DescribeMain.class.getName());
        Output output = NativeBuild.run(command);
        assertEquals(0, output.exit(), output::text);
        assertTrue(
                output.text()
                        .endsWith(
                                """
                                kept:      894
                                mapped:    true
                                collected: true
                                mapped:    false
                                """),
                output::text);
    }

    private Path left(Path made) throws IOException {
        Files.writeString(made.resolve(LIBRARY), "no library");
        return made;
    }

    private void assertLoaded() throws IOException {
        Output output = NativeBuild.run(java(DescribeMain.class, List.of()));
        assertEquals(0, output.exit(), output::text);
        assertTrue(output.text().startsWith("chosen:    native/"), output::text);
    }

    private void start(Class<?> main, List<Path> classPath) throws IOException {
        process = new ProcessBuilder(java(main, classPath)).redirectErrorStream(true).start();
    }

    private List<String> java(Class<?> main, List<Path> classPath) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Ddropfuse.library.directory=" + directory);
        command.add("-cp");
        List<String> paths = new ArrayList<>(classPath.stream().map(Path::toString).toList());
        paths.add(NativeBuild.target().resolve("classes").toString());
        paths.add(NativeBuild.target().resolve("test-classes").toString());
        command.add(String.join(File.pathSeparator, paths));
        command.add(main.getName());
        return command;
    }

    private void await(String line) throws IOException {
        BufferedReader reader = process.inputReader();
        StringBuilder text = new StringBuilder();
        String next;
        while ((next = reader.readLine()) != null && !next.equals(line)) {
            text.append(next).append('\n');
        }
        assertEquals(line, next, text::toString);
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
