package io.github.dropfuse.cli;

import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The layers that {@code --layer} names; a new one is an entry here. */
enum LayerChoice {
    /** Elements. */
    DROPOUT {
        @Override
        ScaledDropout layer(double p, Execution execution) {
            return new Dropout(p).with(execution);
        }

        @Override
        Tensor view(Tensor x) {
            return x.reshape(x.size());
        }
    },

    /** Samples. */
    DROPPATH {
        @Override
        ScaledDropout layer(double p, Execution execution) {
            return new DropPath(p).with(execution);
        }

        @Override
        Tensor view(Tensor x) {
            return x;
        }
    };

    /** The layer with the options given. */
    abstract ScaledDropout layer(double p, Execution execution);

    /**
     * A shape that decides the same, whose first dimension can be cut anywhere: its entries have
     * equally many units, in order.
     */
    abstract Tensor view(Tensor x);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads a layer's name. */
    static final class Converter implements ITypeConverter<LayerChoice> {
        @Override
        public LayerChoice convert(String value) {
            return Arrays.stream(values())
                    .filter(layer -> layer.toString().equals(value))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            value + ", allowed are " + names()));
        }

        private static String names() {
            return Arrays.stream(values())
                    .map(LayerChoice::toString)
                    .collect(Collectors.joining(", "));
        }
    }
}
