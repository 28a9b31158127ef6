package io.github.dropfuse.layer;

import io.github.dropfuse.kernel.BackendRegistry;
import io.github.dropfuse.kernel.NativeLibrary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The backends of this machine. Layers take the best one by themselves; the choice can be forced
 * for a layer with {@link Execution#on}, and for a process with the property {@value
 * #BACKEND_PROPERTY}.
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

    /**
     * Every backend and tier that can run here.
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

    /**
     * The plain Java implementation.
     *
     * @return the reference
     */
    public static Backend reference() {
        return all().getLast();
    }

    /**
     * A backend by its name.
     *
     * @param name {@code reference}, {@code native} for its best tier, or with a tier such as {@code
     *     native/scalar}
     * @return the backend
     * @throws IllegalArgumentException if there is no backend or tier of that name anywhere
     * @throws UnsupportedOperationException if it cannot run here, with every reason
     */
    public static Backend named(String name) {
        for (Backend backend : all()) {
            if (backend.toString().equals(name) || backend.name().equals(name)) {
                return backend;
            }
        }
        for (Map.Entry<String, String> missing : BackendRegistry.get().missing().entrySet()) {
            boolean tierOfMissing = name.startsWith(missing.getKey() + "/");
            if (missing.getKey().equals(name) || tierOfMissing) {
                throw new UnsupportedOperationException(
                        "backend " + name + " cannot run here: " + missing.getValue());
            }
        }
        throw new IllegalArgumentException(
                "backend is " + name + ", allowed are " + names() + " and their names without tier");
    }

    /**
     * What was chosen, what else could be, and why what is missing is missing.
     *
     * @return some lines of text
     */
    public static String describe() {
        StringBuilder text = new StringBuilder();
        text.append("chosen:    ").append(automatic());
        NativeLibrary library = NativeLibrary.get();
        library.source().ifPresent(source -> text.append(", ").append(source));
        text.append('\n').append("available: ").append(names()).append('\n');
        BackendRegistry.get()
                .missing()
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

    /**
     * Why backends and tiers that exist elsewhere cannot run here.
     *
     * @return a reason for each name
     */
    public static Map<String, String> missing() {
        return BackendRegistry.get().missing();
    }

    /**
     * Where the native library came from.
     *
     * @return a path or the place in the jar; empty if none could be loaded
     */
    public static Optional<String> librarySource() {
        return NativeLibrary.get().source();
    }

    private static String names() {
        return all().stream().map(Backend::toString).collect(Collectors.joining(", "));
    }
}
