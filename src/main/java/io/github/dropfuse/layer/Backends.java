package io.github.dropfuse.layer;

import io.github.dropfuse.DropfuseException;
import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.cuda.CudaDevice;
import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.NativeKernels;
import io.github.dropfuse.kernel.NativeLibrary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The backends of this machine. Layers take the best one by themselves, and for tensors in a CUDA
 * device's memory that device; the choice can be forced for a layer with {@link Execution#on}, and
 * for a process with the property {@value #BACKEND_PROPERTY}.
 */
public final class Backends {
    /** Names the backend to use where none is asked for, such as {@code native/scalar}. */
    public static final String BACKEND_PROPERTY = "dropfuse.backend";

    private Backends() {}

    private static final class Holder {
        static final List<Backend> ALL =
                BackendRegistry.get().available().stream().map(Backend::new).toList();
    }

    private static volatile Backend automatic;

    private static final Map<Integer, Execution> CUDA = new ConcurrentHashMap<>();

    /**
     * Every backend and tier of the host that can run here. CUDA devices are {@linkplain
     * Cuda#devices() apart}.
     *
     * @return best first; the last is the reference
     */
    public static List<Backend> all() {
        return Holder.ALL;
    }

    /**
     * The backend that layers take by themselves: the best one, or what the property {@value
     * #BACKEND_PROPERTY} names.
     *
     * @return the automatic choice
     * @throws IllegalArgumentException if the property names no backend
     * @throws UnsupportedOperationException if it names one that cannot run here
     */
    public static Backend automatic() {
        Backend chosen = automatic;
        if (chosen == null) {
            String asked = System.getProperty(BACKEND_PROPERTY);
            chosen = asked == null ? all().getFirst() : named(asked);
            automatic = chosen;
        }
        return chosen;
    }

    /** {@return the plain Java implementation} */
    public static Backend reference() {
        return all().getLast();
    }

    /**
     * A backend by its name.
     *
     * @param name {@code reference}, {@code native} for its best tier, or with a tier such as
     *     {@code native/scalar}; {@code cuda} for device 0, or with another one such as {@code
     *     cuda:1}
     * @return the backend
     * @throws IllegalArgumentException if there is no backend or tier of that name anywhere
     * @throws UnsupportedOperationException if it cannot run here, with every reason
     */
    public static Backend named(String name) {
        Objects.requireNonNull(name, "name");
        for (Backend backend : all()) {
            if (backend.toString().equals(name) || backend.name().equals(name)) {
                return backend;
            }
        }
        for (Map.Entry<String, String> missing : missing().entrySet()) {
            String key = missing.getKey();
            if (name.equals(key) || name.startsWith(key + "/") || name.startsWith(key + ":")) {
                throw new UnsupportedOperationException(
                        "backend " + name + " cannot run here: " + missing.getValue());
            }
        }
        if (name.equals("cuda") || name.matches("cuda:[0-9]{1,9}")) {
            int device = name.length() > 5 ? Integer.parseInt(name.substring(5)) : 0;
            return onDevice(Cuda.device(device).index()).backend();
        }
        throw new IllegalArgumentException(
                "backend is " + name + ", allowed are " + names() + " and their names without tier");
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

    /** {@return for each backend and tier that exists elsewhere, why it cannot run here} */
    public static Map<String, String> missing() {
        Map<String, String> missing = new LinkedHashMap<>(BackendRegistry.get().missing());
        try {
            Cuda.unavailable().ifPresent(why -> missing.put("cuda", why));
        } catch (DropfuseException e) {
            missing.put("cuda", e.getMessage());
        }
        return missing;
    }

    private static List<CudaDevice> cudaDevices() {
        return missing().containsKey("cuda") ? List.of() : Cuda.devices();
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
