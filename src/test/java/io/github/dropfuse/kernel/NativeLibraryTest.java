package io.github.dropfuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library comes from, and what is said of where it did not, in new processes. */
class NativeLibraryTest {
    private static final String RESOURCE =
            "/META-INF/native/" + NativeLibrary.platform() + "/"
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
        void isTakenFromTheLibraryPathLast() throws IOException {
            Path copy = copyOfTheLibrary(System.mapLibraryName("dropfuse"));
            Output output =
                    describe(
                            "-Ddropfuse.library.directory=" + directory.resolve("missing"),
                            "-Djava.library.path=/nowhere" + File.pathSeparator + directory);
            assertChosen(output, "native/");
            assertContains(output, ", " + copy + " (java.library.path)\n");
            assertContains(
                    output,
                    "passed by: packaged library: cannot make a private directory in "
                            + directory.resolve("missing"));
            assertContains(output, "name another one with -Ddropfuse.library.directory=DIR\n");
        }

        @Test
        void isFoundAlthoughThePropertyNamesNoFile() throws IOException {
            Path missing = directory.resolve("missing.so");
            passedBy(missing, "dropfuse.library.path=" + missing + ": ");
        }

        @Test
        void isFoundAlthoughThePropertyNamesNoLibrary() throws IOException {
            Path text = Files.writeString(directory.resolve("text.so"), "no library");
            passedBy(text, "dropfuse.library.path=" + text + ": " + text + ": ");
        }

        @Test
        void isFoundAlthoughThePropertyNamesAnotherLibrary() throws IOException {
            Path other = NativeBuild.compile(directory, "other", "int other(void) { return 1; }");
            passedBy(other, other + " has no function dropfuse_abi_version\n");
        }

        @Test
        void isFoundAlthoughThePropertyNamesAnotherVersion() throws IOException {
            Path old =
                    NativeBuild.compile(
                            directory, "old", "int dropfuse_abi_version(void) { return 99; }");
            passedBy(old, old + " has ABI version 99, needed is 2\n");
        }

        private void passedBy(Path library, String reason) throws IOException {
            Output output = describe("-Ddropfuse.library.path=" + library);
            assertChosen(output, "native/");
            assertContains(output, ", packaged library " + RESOURCE + "\n");
            assertContains(output, "passed by: dropfuse.library.path=" + library + ": ");
            assertContains(output, reason);
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
            command.addAll(java(List.of("-Ddropfuse.library.directory=" + directory)));
            Output output = NativeBuild.run(command);
            assertChosen(output, "reference/java");
            assertContains(
                    output,
                    "; if " + directory + " forbids execution, name a directory that allows it"
                            + " with -Ddropfuse.library.directory=DIR");
        }

        @Test
        void isNotUsedWhereNativeAccessIsDenied() throws IOException {
            List<String> command = java(List.of("--illegal-native-access=deny"));
            command.remove("--enable-native-access=ALL-UNNAMED");
            Output output = NativeBuild.run(command);
            assertChosen(output, "reference/java");
            assertContains(output, "missing:   native: ");
            assertContains(output, "IllegalCallerException");
        }
    }

    @Test
    void everyFailureIsShown() throws IOException {
        Path garbage = directory.resolve("classes");
        Path resource = garbage.resolve(RESOURCE.substring(1));
        Files.createDirectories(resource.getParent());
        Files.writeString(resource, "no library");
        Path missing = directory.resolve("missing.so");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        List<String> command =
                java(
                        List.of(
                                "-Ddropfuse.library.path=" + missing,
                                "-Ddropfuse.library.directory=" + directory,
                                "-Djava.library.path=" + empty));
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, garbage + File.pathSeparator + command.get(classPath));
        Output output = NativeBuild.run(command);
        assertChosen(output, "reference/java");
        assertContains(output, "missing:   native: dropfuse.library.path=" + missing + ": ");
        assertContains(output, "; packaged library: ");
        assertContains(
                output,
                "; if " + directory + " forbids execution, name a directory that allows it with"
                        + " -Ddropfuse.library.directory=DIR; java.library.path: no "
                        + System.mapLibraryName("dropfuse") + " in " + empty + "\n");
    }

    @Test
    void aBuildWithoutItSaysSo() throws IOException {
        assumeTrue(!NativeBuild.required(), "this build has the native library");
        Output output = describe("-Djava.library.path=" + directory);
        assertChosen(output, "reference/java");
        assertContains(
                output,
                "missing:   native: packaged library: this build has no " + RESOURCE
                        + "; java.library.path: no " + System.mapLibraryName("dropfuse") + " in "
                        + directory + "\n");
    }

    @Test
    void theReferenceCanBeForced() throws IOException {
        assertChosen(describe("-Ddropfuse.backend=reference"), "reference/java");
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
                    "UnsupportedOperationException: backend native/scalar cannot run here:"
                            + " packaged library: this build has no " + RESOURCE);
        }
    }

    @Test
    void forcingWhatNoMachineHasIsRefused() throws IOException {
        Output output = describe("-Ddropfuse.backend=abacus");
        assertEquals(1, output.exit());
        assertContains(
                output,
                "java.lang.IllegalArgumentException: backend is abacus, allowed are ");
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

    private static void assertContains(Output output, String text) {
        assertTrue(output.text().contains(text), () -> text + " is not in\n" + output.text());
    }
}
