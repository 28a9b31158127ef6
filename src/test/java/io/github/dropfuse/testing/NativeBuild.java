package io.github.dropfuse.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The native library of the build under test, as the build says by a property. */
public final class NativeBuild {
    private NativeBuild() {}

    /** Whether this build has the native library; a build that does not say so has to have it. */
    public static boolean required() {
        String value = System.getProperty("dropfuse.test.native", "required");
        return switch (value) {
            case "required" -> true;
            case "absent" -> false;
            default -> throw new AssertionError("dropfuse.test.native is " + value);
        };
    }

    public static Path target() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target");
    }

    /** This system's library where the build has put it, maybe beside those of other systems. */
    public static Path library() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).replaceAll("^(mac|windows).*", "$1");
        String arch = System.getProperty("os.arch").replace("amd64", "x86_64");
        return target()
                .resolve("classes/META-INF/native")
                .resolve((os.equals("mac") ? "macos" : os) + "-" + arch)
                .resolve(System.mapLibraryName("dropfuse"));
    }

    /** Compiles a shared library with the compiler that built ours. */
    public static Path compile(Path directory, String name, String code) throws IOException {
        Path source = Files.writeString(directory.resolve(name + ".c"), code);
        Path library = directory.resolve(System.mapLibraryName(name));
        List<String> command = new ArrayList<>(List.of(compiler(), "-shared", "-fPIC", "-o"));
        command.add(library.toString());
        command.add(source.toString());
        Output output = run(command);
        if (output.exit() != 0) {
            throw new AssertionError(output.text());
        }
        return library;
    }

    private static String compiler() throws IOException {
        String entry = "CMAKE_C_COMPILER:";
        return Files.readAllLines(target().resolve("native/CMakeCache.txt")).stream()
                .filter(line -> line.startsWith(entry))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElseThrow();
    }

    /** Runs a program of one source file beside the library, by the reference. */
    public static Output runSource(Path program, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Ddropfuse.backend=reference",
                        "-Dstdout.encoding=UTF-8",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        target().resolve("classes").toString()));
        command.addAll(List.of(options));
        command.add(program.toString());
        return run(command);
    }

    /** What a process wrote to its two outputs, and how it ended. */
    public record Output(int exit, String text) {}

    public static Output run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String text = new String(process.getInputStream().readAllBytes());
            return new Output(process.waitFor(), text);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
