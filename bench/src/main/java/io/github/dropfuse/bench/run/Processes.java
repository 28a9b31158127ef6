package io.github.dropfuse.bench.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of which the standard output is wanted; their standard error is ours. */
final class Processes {
    private Processes() {}

    /**
     * Runs a program to its end.
     *
     * @param command the program and its arguments
     * @return what it wrote
     * @throws IOException if it cannot be started, or fails
     */
    static String output(List<String> command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectInput(ProcessBuilder.Redirect.from(nothing()))
                        .start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(command.getFirst() + " ended with status " + status);
        }
        return output;
    }

    private static java.io.File nothing() {
        return new java.io.File(
                System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
}
