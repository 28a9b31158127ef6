package io.github.dropfuse.cli.apply;

import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Scaling;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a choice by its name in lower case, words joined with hyphens. */
abstract class Words<E extends Enum<E>> implements ITypeConverter<E> {
    private final Class<E> choices;
    private final String prefix;

    private Words(Class<E> choices, String prefix) {
        this.choices = choices;
        this.prefix = prefix;
    }

    @Override
    public E convert(String value) {
        return Arrays.stream(choices.getEnumConstants())
                .filter(choice -> word(choice).equals(value))
                .findFirst()
                .orElseThrow(
                        () -> new TypeConversionException(value + ", allowed are " + words()));
    }

    private String words() {
        return Arrays.stream(choices.getEnumConstants())
                .map(this::word)
                .collect(Collectors.joining(", "));
    }

    private String word(E choice) {
        return prefix + of(choice);
    }

    static String of(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Of {@code --layer}. */
    static final class OfLayer extends Words<ApplyLayer> {
        OfLayer() {
            super(ApplyLayer.class, "");
        }
    }

    /** Of {@code --scaling}. */
    static final class OfScaling extends Words<Scaling> {
        OfScaling() {
            super(Scaling.class, "");
        }
    }

    /** Of {@code --mode}. */
    static final class OfMode extends Words<DropPath.Mode> {
        OfMode() {
            super(DropPath.Mode.class, "");
        }
    }

    /** Of {@code --centres}. */
    static final class OfCentres extends Words<DropBlock.Centres> {
        OfCentres() {
            super(DropBlock.Centres.class, "");
        }
    }

    /** Of {@code --factor}. */
    static final class OfFactor extends Words<DropBlock.Factor> {
        OfFactor() {
            super(DropBlock.Factor.class, "");
        }
    }

    /** Of {@code --stream}. */
    static final class OfStream extends Words<TorchStream> {
        OfStream() {
            super(TorchStream.class, "pytorch-");
        }
    }
}
