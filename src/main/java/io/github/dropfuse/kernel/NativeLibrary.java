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
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds and loads the native library, once: from the path in a property, or else from the jar, or
 * else from {@code java.library.path}. What failed on the way is kept to be shown. A property that
 * cannot be honoured is an error, now and at every later use.
 */
public final class NativeLibrary {
    /** Property that holds the path of the library to load, and no other. */
    public static final String PATH_PROPERTY = "dropfuse.library.path";

    /** Property that holds the directory to extract the packaged library to. */
    public static final String DIRECTORY_PROPERTY = "dropfuse.library.directory";

    /** Property that holds the bytes of output from which on kernels write past the caches. */
    public static final String STREAM_PROPERTY = "dropfuse.stream.bytes";

    /** One string in all class loaders of the process: a lock for all of them. */
    private static final String EXTRACTING = "io.github.dropfuse.kernel.NativeLibrary.extract";

    private final String source;
    private final long streamBytes;
    private final List<String> failures;
    private final Refusal refusal;

    private NativeLibrary(
            String source, long streamBytes, List<String> failures, Refusal refusal) {
        this.source = source;
        this.streamBytes = streamBytes;
        this.failures = List.copyOf(failures);
        this.refusal = refusal;
    }

    /**
     * The library, loaded or not: that happens at the first call.
     *
     * @throws IllegalArgumentException if one of the properties cannot be honoured
     */
    public static NativeLibrary get() {
        NativeLibrary library = Holder.LIBRARY;
        if (library.refusal != null) {
            throw new IllegalArgumentException(
                    library.refusal.getMessage(), library.refusal.getCause());
        }
        return library;
    }

    /** Where the library came from, a path or the place in the jar; empty if there is none. */
    public Optional<String> source() {
        return Optional.ofNullable(source);
    }

    /**
     * Bytes of output from which on kernels write past the caches: those of the property, or else
     * half of the processor's largest cache, at most 16 MiB. 0 if there is no library.
     */
    public long streamBytes() {
        return streamBytes;
    }

    /** What was tried and failed, in order: a sentence for each. */
    public List<String> failures() {
        return failures;
    }

    private static final class Holder {
        static final NativeLibrary LIBRARY = load();
    }

    /** A property that cannot be honoured. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String property, String value, String allowed, Throwable cause) {
            super(property + " is " + value + ", allowed is " + allowed + ": " + why(cause), cause);
        }
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
                        () -> fromLibraryPath(failures));
        for (Attempt attempt : attempts) {
            try {
                String source = attempt.load();
                if (source != null) {
                    return new NativeLibrary(source, bytesToStream(), failures, null);
                }
            } catch (Refusal e) {
                return new NativeLibrary(null, 0, failures, e);
            } catch (IllegalCallerException e) {
                failures.add(why(e));
                break;
            } catch (Exception | LinkageError e) {
                failures.add(why(e));
            }
        }
        return new NativeLibrary(null, 0, failures, null);
    }

    private static String fromProperty() throws Refusal {
        String property = System.getProperty(PATH_PROPERTY);
        if (property == null) {
            return null;
        }
        try {
            Path path = Path.of(property).toAbsolutePath();
            LibraryFile.check(path, platform());
            try {
                load(path);
            } catch (UnsatisfiedLinkError e) {
                if (!isLoadedElsewhere(e)) {
                    throw e;
                }
                extract(Files.readAllBytes(path)); // A copy is another library to the machine.
            }
            return path + " (" + PATH_PROPERTY + ")";
        } catch (InvalidPathException
                | IllegalCallerException
                | UnsatisfiedLinkError
                | IOException e) {
            throw new Refusal(
                    PATH_PROPERTY, property, "the path of a native library of this version", e);
        }
    }

    private static long bytesToStream() throws Refusal {
        String property = System.getProperty(STREAM_PROPERTY);
        if (property == null) {
            return dropfuse_h.dropfuse_stream_bytes();
        }
        try {
            long bytes = Long.parseLong(property);
            if (bytes >= 1) {
                return bytes;
            }
            throw new NumberFormatException("it is too small");
        } catch (NumberFormatException e) {
            throw new Refusal(STREAM_PROPERTY, property, "a number of bytes, 1 to 2^63 - 1", e);
        }
    }

    /** The virtual machine gives a file to one class loader only. */
    private static boolean isLoadedElsewhere(UnsatisfiedLinkError e) {
        return String.valueOf(e.getMessage()).contains("already loaded in another classloader");
    }

    private static String fromJar() throws Refusal {
        MemorySegment.NULL.reinterpret(0); // Throws where native access is denied.
        String resource = "META-INF/native/" + platform() + "/" + fileName();
        try (InputStream library = PackagedFile.open(resource)) {
            if (library == null) {
                throw failed(
                        "packaged library",
                        PackagedFile.place() + " has no " + resource + "; name a library with -D"
                                + PATH_PROPERTY + "=FILE",
                        null);
            }
            extract(library.readAllBytes());
        } catch (IOException e) {
            throw failed("packaged library", e.toString(), e);
        }
        return "packaged library " + resource;
    }

    private static void extract(byte[] library) throws Refusal {
        synchronized (EXTRACTING) {
            extractAlone(library);
        }
    }

    private static void extractAlone(byte[] library) throws Refusal {
        String asked = System.getProperty(DIRECTORY_PROPERTY);
        String parent = asked == null ? System.getProperty("java.io.tmpdir") : asked;
        String fault;
        Throwable cause;
        try (PrivateDirectory directory = PrivateDirectory.in(Path.of(parent).toAbsolutePath(), fileName())) {
            Files.write(directory.file(), library, StandardOpenOption.CREATE_NEW);
            try {
                load(directory.file());
                return;
            } catch (UnsatisfiedLinkError e) {
                if (!directory.forbidsExecution()) {
                    throw failed("packaged library", e.getMessage(), e);
                }
                fault = "forbids execution";
                cause = e;
            }
        } catch (IOException | InvalidPathException e) {
            fault = "cannot be written to";
            cause = e;
        }
        if (asked != null) {
            throw new Refusal(
                    DIRECTORY_PROPERTY, asked,
                    "a directory that can be written to and does not forbid execution", cause);
        }
        throw failed(
                "packaged library",
                parent + " " + fault + " (" + why(cause) + "); name another directory with -D"
                        + DIRECTORY_PROPERTY + "=DIR",
                cause);
    }

    private static String fromLibraryPath(List<String> failures) {
        String libraryPath = System.getProperty("java.library.path", "");
        List<String> refused = new ArrayList<>();
        for (Path file : inLibraryPath(libraryPath, fileName())) {
            try {
                LibraryFile.check(file, platform());
                load(file.toAbsolutePath());
                refused.forEach(why -> failures.add("java.library.path: " + why));
                return file + " (java.library.path)";
            } catch (UnsatisfiedLinkError | IOException e) {
                refused.add(e.getMessage());
            }
        }
        throw failed(
                "java.library.path",
                refused.isEmpty()
                        ? "no " + fileName() + " in " + libraryPath
                        : String.join("; ", refused),
                null);
    }

    /** The files of a name that are there. On Windows the path has whatever is in PATH. */
    static List<Path> inLibraryPath(String libraryPath, String fileName) {
        List<Path> files = new ArrayList<>();
        for (String directory : libraryPath.split(File.pathSeparator)) {
            try {
                Path file = Path.of(directory.isEmpty() ? "." : directory, fileName);
                if (Files.exists(file)) {
                    files.add(file);
                }
            } catch (InvalidPathException e) {
                continue; // The name of no directory.
            }
        }
        return files;
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

    /** What to say of a failure, with the remedy where there is one. */
    private static String why(Throwable e) {
        return switch (e) {
            case IllegalCallerException denied -> {
                Module module = NativeLibrary.class.getModule();
                yield "native access is denied to " + module + "; allow it with"
                        + " --enable-native-access="
                        + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
            }
            case UnsatisfiedLinkError unsatisfied -> unsatisfied.getMessage();
            case NumberFormatException noNumber -> noNumber.getMessage();
            default -> e.toString();
        };
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
