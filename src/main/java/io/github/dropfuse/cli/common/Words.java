package io.github.dropfuse.cli.common;

import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a choice by its name, and lists all of them for the help.
 *
 * @param <T> type of the choices
 */
public class Words<T> implements ITypeConverter<T>, Iterable<String> {
    private final List<T> choices;
    private final Function<? super T, String> name;

    /** Of some choices, by their names. */
    public Words(List<T> choices, Function<? super T, String> name) {
        this.choices = choices;
        this.name = name;
    }

    @Override
    public T convert(String value) {
        return choices.stream()
                .filter(choice -> name.apply(choice).equals(value))
                .findFirst()
                .orElseThrow(
                        () ->
                                new TypeConversionException(
                                        value + ", allowed are " + String.join(", ", this)));
    }

    @Override
    public Iterator<String> iterator() {
        return choices.stream().map(name).toList().iterator();
    }
}
