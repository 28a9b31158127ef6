package io.github.dropfuse.kernel;

import io.github.dropfuse.ffi.dropfuse_h;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds and loads the native library, once: from the path in a property, from the jar, from {@code
 * java.library.path}, in this order. What failed on the way is kept to be shown.
 */
public final class NativeLibrary {
    /** Property that holds the path of a library to load before any other. */
    public static final String PATH_PROPERTY = "dropfuse.library.path";

    /** Property that holds the directory to extract the packaged library to. */
    public static final String DIRECTORY_PROPERTY = "dropfuse.library.directory";

    private final String source;
    private final List<String> failures;

    private NativeLibrary(String source, List<String> failures) {
        this.source = source;
        this.failures = List.copyOf(failures);
    }

    /** The library, loaded or not: that happens at the first call. */
    public static NativeLibrary get() {
        return Holder.LIBRARY;
    }

    /** Where the library came from, a path or the place in the jar; empty if there is none. */
    public Optional<String> source() {
        return Optional.ofNullable(source);
    }

    /** What was tried and failed, in order: a sentence for each. */
    public List<String> failures() {
        return failures;
    }

    private static final class Holder {
        static final NativeLibrary LIBRARY = load();
    }

    private interface Attempt {
        /** Loads the library and says from where; null if there is nothing of this kind to try. */
        String load() throws Exception;
    }

    private static NativeLibrary load() {
        List<String> failures = new ArrayList<>();
        List<Attempt> attempts =
                List.of(
                        NativeLibrary::fromProperty,
                        NativeLibrary::fromJar,
                        NativeLibrary::fromLibraryPath);
        for (Attempt attempt : attempts) {
            try {
                String source = attempt.load();
                if (source != null) {
                    return new NativeLibrary(source, failures);
                }
            } catch (UnsatisfiedLinkError e) {
                failures.add(e.getMessage());
            } catch (Exception | LinkageError e) {
                failures.add(e.toString());
            }
        }
        return new NativeLibrary(null, failures);
    }

    private static String fromProperty() {
        String property = System.getProperty(PATH_PROPERTY);
        if (property == null) {
            return null;
        }
        Path path = Path.of(property).toAbsolutePath();
        try {
            load(path);
        } catch (UnsatisfiedLinkError e) {
            throw failed(PATH_PROPERTY + "=" + property, e.getMessage(), e);
        }
        return path + " (" + PATH_PROPERTY + ")";
    }

    private static String fromJar() throws IOException {
        String resource = "/META-INF/native/" + platform() + "/" + fileName();
        try (InputStream library = NativeLibrary.class.getResourceAsStream(resource)) {
            if (library == null) {
                throw failed("packaged library", "this build has no " + resource, null);
            }
            Path directory = privateDirectory();
            Path file = directory.resolve(fileName());
            try {
                Files.copy(library, file);
                load(file);
            } catch (IOException e) {
                throw failed(
                        "packaged library",
                        "cannot be written to " + file + " (" + e + "); name another directory"
                                + " with -D" + DIRECTORY_PROPERTY + "=DIR",
                        e);
            } catch (UnsatisfiedLinkError e) {
                throw failed(
                        "packaged library",
                        e.getMessage() + "; if " + directory.getParent()
                                + " forbids execution, name a directory that allows it with -D"
                                + DIRECTORY_PROPERTY + "=DIR",
                        e);
            } finally {
                // A loaded library needs its file no longer, except on Windows.
                Files.deleteIfExists(file);
                Files.deleteIfExists(directory);
            }
        }
        return "packaged library " + resource;
    }

    private static Path privateDirectory() {
        String parent = System.getProperty(DIRECTORY_PROPERTY);
        try {
            return parent == null
                    ? Files.createTempDirectory("dropfuse")
                    : Files.createTempDirectory(Path.of(parent), "dropfuse");
        } catch (IOException e) {
            throw failed(
                    "packaged library",
                    "cannot make a private directory in "
                            + (parent == null ? System.getProperty("java.io.tmpdir") : parent)
                            + " (" + e + "); name another one with -D" + DIRECTORY_PROPERTY + "=DIR",
                    e);
        }
    }

    private static String fromLibraryPath() {
        String libraryPath = System.getProperty("java.library.path", "");
        for (String directory : libraryPath.split(File.pathSeparator)) {
            Path file = Path.of(directory.isEmpty() ? "." : directory, fileName());
            if (Files.exists(file)) {
                try {
                    load(file.toAbsolutePath());
                    return file + " (java.library.path)";
                } catch (UnsatisfiedLinkError e) {
                    throw failed("java.library.path", e.getMessage(), e);
                }
            }
        }
        throw failed("java.library.path", "no " + fileName() + " in " + libraryPath, null);
    }

    /**
     * Loads a library whose ABI version is ours. It is asked before the class loader takes it,
     * which keeps what it has loaded and would find another library's symbols there.
     */
    private static void load(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            checkAbi(file, open(file, arena));
        }
        System.load(file.toString());
    }

    private static SymbolLookup open(Path file, Arena arena) {
        try {
            return SymbolLookup.libraryLookup(file, arena);
        } catch (IllegalArgumentException e) {
            System.load(file.toString()); // fails too, and says why
            throw failed(file.toString(), e.getMessage(), e);
        }
    }

    private static void checkAbi(Path file, SymbolLookup library) {
        String name = "dropfuse_abi_version";
        MemorySegment function =
                library.find(name)
                        .orElseThrow(
                                () -> new UnsatisfiedLinkError(file + " has no function " + name));
        int found;
        try {
            found =
                    (int)
                            Linker.nativeLinker()
                                    .downcallHandle(
                                            function, FunctionDescriptor.of(dropfuse_h.C_INT))
                                    .invokeExact();
        } catch (Throwable e) {
            throw failed(name, e.toString(), e);
        }
        int needed = dropfuse_h.DROPFUSE_ABI_VERSION();
        if (found != needed) {
            throw new UnsatisfiedLinkError(
                    file + " has ABI version " + found + ", needed is " + needed);
        }
    }

    private static UnsatisfiedLinkError failed(String what, String why, Throwable cause) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(what + ": " + why);
        error.initCause(cause);
        return error;
    }

    private static String fileName() {
        return System.mapLibraryName("dropfuse");
    }

    /** Operating system and architecture, as the build names its directory of the library. */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String osName = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
        String archName =
                switch (arch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "aarch64";
                    default -> arch;
                };
        return osName + "-" + archName;
    }
}
