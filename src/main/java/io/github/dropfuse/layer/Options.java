package io.github.dropfuse.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Values of {@linkplain LayerOption options}. Immutable. */
public final class Options {
    /** No value for any option. */
    public static final Options NONE = new Options(Map.of());

    private final Map<LayerOption<?>, Object> values;

    private Options(Map<LayerOption<?>, Object> values) {
        this.values = values;
    }

    /**
     * These values and one more, or in place of the one for the same option.
     *
     * @param option an option
     * @param value its value
     * @param <T> type of the value
     * @return new values
     */
    public <T> Options with(LayerOption<T> option, T value) {
        Map<LayerOption<?>, Object> more = new LinkedHashMap<>(values);
        more.put(option, Objects.requireNonNull(value, "value"));
        return new Options(more);
    }

    /**
     * An option's value.
     *
     * @param option an option
     * @param <T> type of the value
     * @return the value that was given, or the option's initial one
     * @throws IllegalArgumentException if the option needs a value and has none
     */
    public <T> T get(LayerOption<T> option) {
        Object value = values.get(option);
        if (value == null && option.needed()) {
            throw new IllegalArgumentException(option.name() + " is missing");
        }
        return value == null ? option.initial() : option.type().cast(value);
    }

    /** The options that were given, as on a command line. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .filter(entry -> !Boolean.FALSE.equals(entry.getValue()))
                .map(entry -> entry.getKey().text(entry.getValue()))
                .collect(Collectors.joining(" "));
    }
}
