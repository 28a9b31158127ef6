package io.github.dropfuse.layer;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.JavaKernels;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.NativeLibrary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The backends of this machine. Layers take the best one by themselves, and for tensors in a CUDA
 * device's memory that device; the choice can be forced for a layer with {@link Execution#on}, and
 * for a process with the property {@value #BACKEND_PROPERTY}.
 */
public final class Backends {
    /** Names the backend to use where none is asked for, such as {@code native/scalar}. */
    public static final String BACKEND_PROPERTY = "dropfuse.backend";

    private Backends() {}

    private static final String OWN_PROPERTIES = "dropfuse.";
    private static final String TEST_PROPERTIES = "dropfuse.test.";
    private static final List<String> PROPERTIES =
            List.of(
                    BACKEND_PROPERTY, Cuda.DRIVER_PROPERTY, NativeLibrary.DIRECTORY_PROPERTY,
                    NativeLibrary.PATH_PROPERTY, NativeLibrary.STREAM_PROPERTY);

    private static final String REFERENCE = "reference";
    private static final String JAVA = "java";
    private static final String NATIVE = "native";
    private static final String CUDA_NAME = "cuda";

    /** Every name on any machine, but for those of further devices. */
    private static final List<String> NAMES =
            Stream.concat(
                            Stream.of(REFERENCE, REFERENCE + "/java", JAVA, JAVA + "/jit", NATIVE),
                            BackendRegistry.TIERS.stream().map(tier -> NATIVE + "/" + tier))
                    .toList();

    private static final class Holder {
        static final List<Backend> ALL =
                BackendRegistry.get().available().stream().map(Backend::new).toList();

        static {
            warnOfUnknownProperties();
        }
    }

    /** A property that is misspelt would be without effect, and nobody would know. */
    private static void warnOfUnknownProperties() {
        for (String name : new TreeSet<>(System.getProperties().stringPropertyNames())) {
            if (name.startsWith(OWN_PROPERTIES)
                    && !name.startsWith(TEST_PROPERTIES)
                    && !PROPERTIES.contains(name)) {
                logger()
                        .log(
                                System.Logger.Level.WARNING,
                                "The property " + name + " has no effect; there are "
                                        + String.join(", ", PROPERTIES));
            }
        }
    }

    private static System.Logger logger() {
        return System.getLogger(Backends.class.getPackageName());
    }

    private static volatile Backend automatic;

    private static final Map<Integer, Execution> CUDA = new ConcurrentHashMap<>();

    /**
     * Every backend and tier of the host that can run here. CUDA devices are {@linkplain
     * Cuda#devices() apart}.
     *
     * <p>The first call gives the logger of this package a warning for each property that begins with
     * {@code dropfuse.} and is none of this library's, as one that is misspelt has no effect.
     *
     * @return best first; the last is the reference
     * @throws IllegalArgumentException if the native library is to be loaded as a property says,
     *     and cannot be
     */
    public static List<Backend> all() {
        BackendRegistry.get(); // Not in the holder, whose class would be unusable from then on.
        return Holder.ALL;
    }

    /**
     * The backend that layers take by themselves: the best one, or what the property {@value
     * #BACKEND_PROPERTY} names. Where the best one is not native, as there is no native library, the
     * logger of this package is given a warning with the reasons.
     *
     * @return the automatic choice
     * @throws IllegalArgumentException if the property names no backend, or another one of this
     *     library's properties cannot be honoured
     * @throws UnsupportedOperationException if it names one that cannot run here
     */
    public static Backend automatic() {
        Backend chosen = automatic;
        return chosen == null ? choose() : chosen;
    }

    private static synchronized Backend choose() {
        if (automatic == null) {
            String asked = System.getProperty(BACKEND_PROPERTY);
            Backend chosen = asked == null ? all().getFirst() : find(BACKEND_PROPERTY, asked);
            if (asked == null && !chosen.name().equals(NATIVE)) {
                warn(chosen);
            }
            automatic = chosen;
        }
        return automatic;
    }

    private static void warn(Backend chosen) {
        logger()
                .log(
                        System.Logger.Level.WARNING,
                        "Layers compute on " + chosen + ", in Java and slower, as there is no native"
                                + " library: " + BackendRegistry.get().missing().get(NATIVE)
                                + ". Where that is wanted, -D" + BACKEND_PROPERTY + "="
                                + chosen.name() + " ends this warning.");
    }

    /** {@return the reference: plain Java, element by element} */
    public static Backend reference() {
        return all().getLast();
    }

    /**
     * A backend by its name, for those who want this one or an error.
     *
     * @param name {@code reference}; {@code java}; {@code native} for its best tier, or with a tier
     *     such as {@code native/scalar}; {@code cuda} for device 0, or with another one such as {@code
     *     cuda:1}
     * @return the backend
     * @throws IllegalArgumentException if there is no backend, tier or device of that name
     * @throws UnsupportedOperationException if it cannot run here, with every reason
     */
    public static Backend require(String name) {
        return find("backend", Objects.requireNonNull(name, "name"));
    }

    private static Backend find(String what, String name) {
        if (name.equals(CUDA_NAME) || name.matches(CUDA_NAME + ":[0-9]{1,9}")) {
            return findDevice(what, name);
        }
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    what + " is " + name + ", allowed are " + String.join(", ", NAMES) + ", "
                            + CUDA_NAME + " and " + CUDA_NAME + ":N for device N");
        }
        for (Backend backend : all()) {
            if (backend.toString().equals(name) || backend.name().equals(name)) {
                return backend;
            }
        }
        Map<String, String> missing = BackendRegistry.get().missing();
        String backend = name.split("/")[0];
        throw cannotRun(what, name, missing.getOrDefault(name, missing.get(backend)));
    }

    private static Backend findDevice(String what, String name) {
        String why = missing().get(CUDA_NAME);
        if (why != null) {
            throw cannotRun(what, name, why);
        }
        int device = name.equals(CUDA_NAME) ? 0 : Integer.parseInt(name.substring(5));
        int count = Cuda.devices().size();
        if (device >= count) {
            throw new IllegalArgumentException(
                    what + " is " + name + ", allowed are " + CUDA_NAME + ":0 to " + CUDA_NAME + ":"
                            + (count - 1));
        }
        return onDevice(device).backend();
    }

    private static UnsupportedOperationException cannotRun(String what, String name, String why) {
        return new UnsupportedOperationException(
                what + " is " + name + ", which cannot run here: " + why + "; allowed are "
                        + names());
    }

    /** A device's kernels on its default stream. */
    static Execution onDevice(int device) {
        Execution known = CUDA.get(device);
        return known != null
                ? known
                : CUDA.computeIfAbsent(
                        device,
                        index ->
                                Execution.automatic()
                                        .on(new Backend(NativeKernels.onDevice(index))));
    }

    /**
     * {@return some lines of text: what was chosen, what else could be, and why what is missing is
     * missing}
     */
    public static String describe() {
        StringBuilder text = new StringBuilder();
        text.append("chosen:    ").append(automatic());
        NativeLibrary library = NativeLibrary.get();
        library.source().ifPresent(source -> text.append(", ").append(source));
        text.append('\n').append("available: ").append(names()).append('\n');
        for (CudaDevice device : cudaDevices()) {
            text.append("device:    ").append(device).append('\n');
        }
        leftToReference()
                .forEach(
                        (name, what) ->
                                text.append("left by:   ")
                                        .append(name)
                                        .append(" to ")
                                        .append(reference())
                                        .append(": ")
                                        .append(String.join(", ", what))
                                        .append('\n'));
        missing()
                .forEach(
                        (name, why) ->
                                text.append("missing:   ")
                                        .append(name)
                                        .append(": ")
                                        .append(why)
                                        .append('\n'));
        if (library.source().isPresent()) {
            for (String failure : library.failures()) {
                text.append("passed by: ").append(failure).append('\n');
            }
        }
        return text.toString();
    }

    /** {@return for each backend here that has the reference compute a part, the parts' names} */
    public static Map<String, List<String>> leftToReference() {
        return all().stream()
                .filter(backend -> backend.name().equals(JAVA))
                .collect(
                        Collectors.toMap(
                                Backend::toString, backend -> JavaKernels.LEFT_TO_REFERENCE));
    }

    /** {@return for each backend and tier that exists elsewhere, why it cannot run here} */
    public static Map<String, String> missing() {
        Map<String, String> missing = new LinkedHashMap<>(BackendRegistry.get().missing());
        try {
            Cuda.unavailable().ifPresent(why -> missing.put(CUDA_NAME, why));
        } catch (DropfuseException e) {
            missing.put(CUDA_NAME, e.getMessage());
        }
        return missing;
    }

    private static List<CudaDevice> cudaDevices() {
        return missing().containsKey(CUDA_NAME) ? List.of() : Cuda.devices();
    }

    /**
     * {@return where the native library came from: a path or the place in the jar; empty if none
     * could be loaded}
     */
    public static Optional<String> librarySource() {
        return NativeLibrary.get().source();
    }

    private static String names() {
        return all().stream().map(Backend::toString).collect(Collectors.joining(", "));
    }
}
