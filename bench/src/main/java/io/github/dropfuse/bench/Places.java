package io.github.dropfuse.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where things are, seen from the benchmarks' own classes or jar, which lie in bench/target. */
public final class Places {
    private Places() {}

    /**
     * The directory of the build.
     *
     * @return bench/target
     */
    public static Path target() {
        try {
            Path code =
                    Path.of(Places.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return code.toRealPath().getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The benchmarks' project.
     *
     * @return bench
     */
    public static Path project() {
        return target().getParent();
    }

    /**
     * What CMake built.
     *
     * @param name a library's short name
     * @return its file
     */
    public static Path nativeLibrary(String name) {
        return target().resolve("native").resolve(System.mapLibraryName(name));
    }

    /**
     * Dropfuse's native library, for programs that load it themselves.
     *
     * @return its file, in the only directory of a platform that the build makes
     */
    public static Path library() {
        try (Stream<Path> platforms = Files.list(target().resolve("classes/META-INF/native"))) {
            return platforms.findFirst().orElseThrow().resolve(System.mapLibraryName("dropfuse"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
