package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.ffi.dropfuse_h;
import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import io.github.dropfuse.testing.TwoLoadersMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the native library comes from, and what is said of where it did not, in new processes. */
@Tag("long")
class NativeLibraryTest {
    private static final String RESOURCE =
            "META-INF/native/" + NativeLibrary.platform() + "/"
                    + System.mapLibraryName("dropfuse");

    @TempDir Path directory;

    @Nested
    class WithIt {
        @BeforeEach
        void isBuilt() {
            assumeTrue(NativeBuild.required(), "this build has no native library");
        }

        @Test
        void isTakenFromTheJarAndLeavesNothingBehind() throws IOException {
            Output output = describe("-Ddropfuse.library.directory=" + directory);
            assertChosen(output, "native/");
            assertContains(output, ", packaged library " + RESOURCE + "\n");
            assertFalse(output.text().contains("passed by"), output::text);
            assertNotWarned(output);
            try (var left = Files.list(directory)) {
                assertEquals(List.of(), left.toList());
            }
        }

        @Test
        void isTakenFromThePathInTheProperty() throws IOException {
            Path copy = copyOfTheLibrary("other-name.so");
            Output output = describe("-Ddropfuse.library.path=" + copy);
            assertChosen(output, "native/");
            assertContains(output, ", " + copy + " (dropfuse.library.path)\n");
        }

        @Test
        void aMisspeltPropertyIsSaid() throws IOException {
            Output output = describe("-Ddropfuse.bakend=java");
            assertChosen(output, "native/");
            String warning =
                    "WARNING: The property dropfuse.bakend has no effect; there are"
                            + " dropfuse.backend, dropfuse.cuda.driver, dropfuse.library.directory,"
                            + " dropfuse.library.path, dropfuse.stream.bytes\n";
            assertContains(output, warning);
            int first = output.text().indexOf(warning);
            assertEquals(first, output.text().lastIndexOf(warning), output::text);
            Output right =
                    describe("-Ddropfuse.backend=native", "-Ddropfuse.test.native=required");
            assertFalse(right.text().contains("WARNING"), right::text);
        }

        @Test
        void aPathServesTwoClassLoaders() throws IOException {
            Path copy = copyOfTheLibrary("other-name.so");
            List<String> command =
                    java(
                            List.of(
                                    "-Ddropfuse.library.path=" + copy,
                                    "-Ddropfuse.library.directory=" + directory));
            command.set(command.size() - 1, TwoLoadersMain.class.getName());
            Output output = NativeBuild.run(command);
            assertChosen(output, "native/");
            assertEquals(3, output.text().split("chosen:    native/", -1).length, output::text);
            try (var left = Files.list(directory)) {
                assertEquals(List.of(copy), left.toList());
            }
        }

        @Test
        void aDirectoryMayBeRelative() throws IOException {
            Path relative = Path.of("").toAbsolutePath().relativize(directory);
            assertChosen(describe("-Ddropfuse.library.directory=" + relative), "native/");
        }

        @Test
        void isTakenFromTheLibraryPathLast() throws IOException {
            Path copy = copyOfTheLibrary(System.mapLibraryName("dropfuse"));
            Path missing = directory.resolve("missing");
            Output output =
                    describe(
                            "-Djava.io.tmpdir=" + missing,
                            "-Djava.library.path=/nowhere" + File.pathSeparator + directory);
            assertChosen(output, "native/");
            assertContains(output, ", " + copy + " (java.library.path)\n");
            assertContains(
                    output, "passed by: packaged library: " + missing + " cannot be written to (");
            assertContains(
                    output, "); name another directory with -Ddropfuse.library.directory=DIR\n");
            assertNotWarned(output);
        }

        @Test
        void theNextInTheLibraryPathIsTried() throws IOException {
            Path first = Files.createDirectory(directory.resolve("first"));
            Path second = Files.createDirectory(directory.resolve("second"));
            String name = System.mapLibraryName("dropfuse");
            Files.writeString(first.resolve(name), "no library");
            Files.copy(NativeBuild.library(), second.resolve(name));
            Output output =
                    describe(
                            "-Djava.io.tmpdir=" + directory.resolve("missing"),
                            "-Djava.library.path=" + first + File.pathSeparator + second);
            assertChosen(output, "native/");
            assertContains(output, ", " + second.resolve(name) + " (java.library.path)\n");
            assertContains(output, "passed by: java.library.path: " + first.resolve(name) + ": ");
        }

        @Test
        void aSizeThatIsNoneIsRefused() throws IOException {
            for (String size : List.of("0", "-1", "16m", "")) {
                Output output = describe("-Ddropfuse.stream.bytes=" + size);
                assertContains(
                        output,
                        "dropfuse.stream.bytes is " + size + ", allowed is a number of bytes, 1 to"
                                + " 2^63 - 1: ");
            }
            Output right = describe("-Ddropfuse.stream.bytes=1");
            assertChosen(right, "native/");
            assertFalse(right.text().contains("WARNING"), right::text);
        }

        @Test
        void aPathOfNoFileIsRefused() throws IOException {
            Path missing = directory.resolve("missing.so");
            refusedPath(missing, "Can't load library: " + missing + "\n");
        }

        @Test
        void aPathOfNoLibraryIsRefused() throws IOException {
            Path text = Files.writeString(directory.resolve("text.so"), "no library");
            refusedPath(text, text + ": ");
        }

        @Test
        void aPathOfAPipeOrADirectoryIsRefused() throws IOException {
            refusedPath(directory, directory + " is not a regular file\n");
            Path pipe = directory.resolve("pipe");
            assertEquals(0, NativeBuild.run(List.of("mkfifo", pipe.toString())).exit());
            refusedPath(pipe, pipe + " is not a regular file\n");
        }

        /** The system's loader would end the process. */
        @Test
        void aPathOfATruncatedLibraryIsRefused() throws IOException {
            Path whole = NativeBuild.compile(directory, "whole", "int a[9999] = {1};");
            byte[] bytes = Files.readAllBytes(whole);
            for (int size : new int[] {100, 4096, 30_000}) {
                Path some = directory.resolve("truncated.so");
                Files.write(some, Arrays.copyOf(bytes, size));
                refusedPath(some, some + " is truncated: it has " + size + " bytes, and should have");
            }
        }

        @Test
        void aPathOfAnotherLibraryIsRefused() throws IOException {
            Path other = NativeBuild.compile(directory, "other", "int other(void) { return 1; }");
            refusedPath(other, other + " has no function dropfuse_abi_version\n");
        }

        @Test
        void aPathOfAnotherVersionIsRefused() throws IOException {
            Path old =
                    NativeBuild.compile(
                            directory, "old", "int dropfuse_abi_version(void) { return 99; }");
            int needed = dropfuse_h.DROPFUSE_ABI_VERSION();
            refusedPath(old, old + " has ABI version 99, needed is " + needed + "\n");
        }

        private void refusedPath(Path library, String reason) throws IOException {
            assertRefused(
                    describe("-Ddropfuse.library.path=" + library),
                    "dropfuse.library.path is " + library + ", allowed is the path of a native"
                            + " library of this version: " + reason,
                    "UnsatisfiedLinkError");
        }

        @Test
        void aDirectoryThatIsMissingIsRefused() throws IOException {
            Path missing = directory.resolve("missing");
            assertRefused(
                    describe("-Ddropfuse.library.directory=" + missing),
                    "dropfuse.library.directory is " + missing + ", allowed is a directory that can"
                            + " be written to and does not forbid execution: ",
                    "NoSuchFileException");
        }

        @Test
        void cannotBeLoadedWhereExecutionIsForbidden() throws IOException {
            String script = "mount -t tmpfs -o noexec none \"$0\" && exec \"$@\"";
            List<String> command =
                    new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", script));
            command.add(directory.toString());
            boolean possible;
            try {
                List<String> attempt = new ArrayList<>(command);
                attempt.add("true");
                possible = NativeBuild.run(attempt).exit() == 0;
            } catch (IOException e) {
                possible = false;
            }
            assumeTrue(possible, "no directory without execution can be made here");
            List<String> asked = new ArrayList<>(command);
            asked.addAll(java(List.of("-Ddropfuse.library.directory=" + directory)));
            assertRefused(
                    NativeBuild.run(asked),
                    "dropfuse.library.directory is " + directory + ", allowed is a directory that"
                            + " can be written to and does not forbid execution: ",
                    "UnsatisfiedLinkError");
            command.addAll(java(List.of("-Djava.io.tmpdir=" + directory)));
            Output output = NativeBuild.run(command);
            assertChosen(output, "java/jit");
            String reason =
                    "packaged library: " + directory + " forbids execution (";
            assertContains(output, "missing:   native: " + reason);
            assertContains(
                    output,
                    "); name another directory with -Ddropfuse.library.directory=DIR");
            assertWarned(output, reason);
        }

        @Test
        void isNotUsedWhereNativeAccessIsDenied() throws IOException {
            Path missing = directory.resolve("missing");
            List<String> command =
                    java(
                            List.of(
                                    "--illegal-native-access=deny",
                                    "-Ddropfuse.library.directory=" + missing));
            command.remove("--enable-native-access=ALL-UNNAMED");
            Output output = NativeBuild.run(command);
            assertChosen(output, "java/jit"); // No file was to be made in the directory.
            String reason =
                    "native access is denied to unnamed module ";
            assertContains(output, "missing:   native: " + reason);
            assertContains(output, "; allow it with --enable-native-access=ALL-UNNAMED\n");
            assertWarned(output, reason);
        }

        @Test
        void aPathIsRefusedWhereNativeAccessIsDenied() throws IOException {
            Path copy = copyOfTheLibrary("other-name.so");
            List<String> command =
                    java(
                            List.of(
                                    "--illegal-native-access=deny",
                                    "-Ddropfuse.library.path=" + copy));
            command.remove("--enable-native-access=ALL-UNNAMED");
            assertRefused(
                    NativeBuild.run(command),
                    "native access is denied to unnamed module ",
                    "IllegalCallerException");
        }
    }

    @Test
    void aLibraryPathMayHoldWhatIsNoDirectorysName() throws IOException {
        Path file = Files.writeString(directory.resolve("library"), "");
        String path = String.join(File.pathSeparator, "a\0b", directory + "/none", directory.toString());
        assertEquals(List.of(file), NativeLibrary.inLibraryPath(path, "library"));
    }

    @Test
    void everyFailureIsShown() throws IOException {
        Path garbage = directory.resolve("classes");
        Path resource = garbage.resolve(RESOURCE);
        Files.createDirectories(resource.getParent());
        Files.writeString(resource, "no library");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        List<String> command =
                java(
                        List.of(
                                "-Ddropfuse.library.directory=" + directory,
                                "-Djava.library.path=" + empty));
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, garbage + File.pathSeparator + command.get(classPath));
        Output output = NativeBuild.run(command);
        assertChosen(output, "java/jit");
        assertContains(output, "missing:   native: packaged library: " + directory);
        assertContains(
                output,
                "; java.library.path: no " + System.mapLibraryName("dropfuse") + " in " + empty
                        + "\n");
        assertFalse(output.text().contains("forbid"), output::text);
        assertWarned(output, "packaged library: " + directory);
    }

    @Test
    void aBuildWithoutItSaysSo() throws IOException {
        assumeTrue(!NativeBuild.required(), "this build has the native library");
        Output output = describe("-Djava.library.path=" + directory);
        assertChosen(output, "java/jit");
        String reason =
                "packaged library: this build has no " + RESOURCE
                        + "; name a library with -Ddropfuse.library.path=FILE; java.library.path:"
                        + " no " + System.mapLibraryName("dropfuse") + " in " + directory;
        assertContains(output, "missing:   native: " + reason + "\n");
        assertWarned(output, reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference/java", "java/jit"})
    void oneInJavaCanBeForced(String backend) throws IOException {
        String name = backend.split("/")[0];
        Output output =
                describe("-Ddropfuse.backend=" + name, "-Djava.io.tmpdir=" + directory + "/no");
        assertChosen(output, backend);
        assertNotWarned(output);
    }

    @Test
    void theScalarTierCanBeForced() throws IOException {
        Output output = describe("-Ddropfuse.backend=native/scalar");
        if (NativeBuild.required()) {
            assertChosen(output, "native/scalar");
        } else {
            assertEquals(1, output.exit());
            assertContains(
                    output,
                    "UnsupportedOperationException: dropfuse.backend is native/scalar, which cannot"
                            + " run here: packaged library: this build has no " + RESOURCE);
        }
    }

    @Test
    void forcingWhatNoMachineHasIsRefused() throws IOException {
        Output output = describe("-Ddropfuse.backend=abacus");
        assertEquals(1, output.exit());
        assertContains(
                output,
                "java.lang.IllegalArgumentException: dropfuse.backend is abacus, allowed are ");
        assertFalse(output.text().contains("ExceptionInInitializerError"), output::text);
    }

    private Path copyOfTheLibrary(String name) throws IOException {
        return Files.copy(NativeBuild.library(), directory.resolve(name));
    }

    private static Output describe(String... options) throws IOException {
        return NativeBuild.run(java(List.of(options)));
    }

    private static List<String> java(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.add("-cp");
        command.add(
                NativeBuild.target().resolve("classes") + File.pathSeparator
                        + NativeBuild.target().resolve("test-classes"));
        command.add(DescribeMain.class.getName());
        return command;
    }

    private static void assertChosen(Output output, String backend) {
        assertEquals(0, output.exit(), output::text);
        assertContains(output, "chosen:    " + backend);
        assertContains(output, "kept:      894\n");
    }

    /** The exception of the first use, and of the next one. */
    private static void assertRefused(Output output, String message, String cause) {
        assertEquals(1, output.exit(), output::text);
        assertContains(output, "refused:   ");
        assertContains(output, "java.lang.IllegalArgumentException: ");
        assertContains(output, message);
        assertContains(output, "Caused by: ");
        assertContains(output, cause);
        assertFalse(output.text().contains("ExceptionInInitializerError"), output::text);
        assertFalse(output.text().contains("NoClassDefFoundError"), output::text);
    }

    /** Once, by a logger that is named after the package. */
    private static void assertWarned(Output output, String reason) {
        String warning =
                "WARNING: Layers compute on java/jit, in Java and slower, as"
                        + " there is no native library: ";
        assertContains(output, "io.github.dropfuse.layer");
        assertContains(output, warning + reason);
        assertContains(output, ". Where that is wanted, -Ddropfuse.backend=java ends this");
        int first = output.text().indexOf(warning);
        assertEquals(first, output.text().lastIndexOf(warning), output::text);
    }

    private static void assertNotWarned(Output output) {
        assertFalse(output.text().contains("WARNING: Layers"), output::text);
    }

    private static void assertContains(Output output, String text) {
        assertTrue(output.text().contains(text), () -> text + " is not in\n" + output.text());
    }
}
