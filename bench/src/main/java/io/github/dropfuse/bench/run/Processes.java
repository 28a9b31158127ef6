package io.github.dropfuse.bench.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

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
        return output(command, environment -> {});
    }

    /**
     * Runs a program of Java's in an environment of its own; its last line is the result.
     *
     * @param options of the java
     * @param main the program
     * @param arguments of the program
     * @param change is given the environment
     * @return the last line that it wrote
     * @throws IOException if it fails
     */
    static String javaResult(
            List<String> options,
            Class<?> main,
            List<String> arguments,
            Consumer<Map<String, String>> change)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return output(command, change).lines().reduce((before, last) -> last).orElseThrow();
    }

    private static String output(List<String> command, Consumer<Map<String, String>> change)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectInput(ProcessBuilder.Redirect.from(nothing()));
        change.accept(builder.environment());
        Process process = builder.start();
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
