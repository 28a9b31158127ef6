package io.github.dropfuse.cli;

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
import org.junit.jupiter.api.io.TempDir;

/** Runs commands, in a process and a directory of their own. */
abstract class OwnProcess {
    static final String APPLICATION = System.getProperty("dropfuse.test.application");
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin/java").toString();

    @TempDir Path directory;

    Cli run(List<String> command) throws IOException, InterruptedException {
        Path out = directory.resolve("stdout");
        Path err = directory.resolve("stderr");
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "does not end: " + command);
        Cli cli = new Cli(process.exitValue(), Files.readString(out), Files.readString(err));
        Files.delete(out);
        Files.delete(err);
        return cli;
    }

    static List<String> application(String... arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx64m", "-jar", APPLICATION));
        if (!NativeBuild.required()) {
            command.add(1, "-Ddropfuse.backend=java"); // Without it there is a warning.
        }
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    Cli dropfuse(String... arguments) throws IOException, InterruptedException {
        return run(application(arguments));
    }

    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
