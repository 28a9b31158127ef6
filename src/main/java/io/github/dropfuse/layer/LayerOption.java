package io.github.dropfuse.layer;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * An option of layers, as a command line or a file of settings has it. Which values are allowed the
 * layer checks when it is made.
 *
 * @param name such as {@code noise-shape}
 * @param type {@code Double}, {@code Integer}, {@code Boolean}, {@code long[]} or an enumeration
 * @param placeholder what stands for the value in a text of help
 * @param description what it is for, with the allowed values
 * @param initial the value where none is given; null for none
 * @param needed whether a value has to be given
 * @param random draws a value that most layers allow for an x of the given shape
 * @param <T> type of the values
 */
public record LayerOption<T>(
        String name,
        Class<T> type,
        String placeholder,
        String description,
        T initial,
        boolean needed,
        BiFunction<RandomGenerator, long[], T> random) {

    /** One of an enumeration's choices. */
    static <E extends Enum<E>> LayerOption<E> choice(
            String name, String placeholder, String description, E initial) {
        Class<E> type = initial.getDeclaringClass();
        E[] all = type.getEnumConstants();
        return new LayerOption<>(
                name, type, placeholder, description, initial, false,
                (random, shape) -> all[random.nextInt(all.length)]);
    }

    /** What is asked for by its name alone. */
    static LayerOption<Boolean> flag(String name, String description) {
        return new LayerOption<>(
                name, Boolean.class, "", description, false, false,
                (random, shape) -> random.nextBoolean());
    }

    /**
     * The name of a choice.
     *
     * @param choice a constant of an enumeration
     * @return its name in lower case, words joined with hyphens
     */
    public static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The option with a value, as a command line has it. */
    String text(Object value) {
        String option = "--" + name + " ";
        return switch (value) {
            case Boolean flag -> flag ? option.strip() : "";
            case Enum<?> choice -> option + word(choice);
            case long[] extents ->
                    Arrays.stream(extents)
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining(",", option, ""));
            default -> option + value;
        };
    }
}
