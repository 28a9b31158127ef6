package io.github.dropfuse.cli;

import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.ScaledDropout;
import java.util.Locale;

/** The layers that the demo shows. */
enum LayerChoice {
    /** Elements. */
    DROPOUT {
        @Override
        ScaledDropout layer(double p, Execution execution) {
            return new Dropout(p).with(execution);
        }
    },

    /** Samples. */
    DROPPATH {
        @Override
        ScaledDropout layer(double p, Execution execution) {
            return new DropPath(p).with(execution);
        }
    };

    /** The layer with the options given. */
    abstract ScaledDropout layer(double p, Execution execution);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
