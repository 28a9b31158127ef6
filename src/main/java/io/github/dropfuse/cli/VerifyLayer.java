package io.github.dropfuse.cli;

import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.layer.UnitDropout;
import java.util.Arrays;
import java.util.Locale;

/** What is verified; a new layer is an entry here. */
enum VerifyLayer {
    /** Elements. */
    DROPOUT(true) {
        @Override
        UnitDropout layer(double p, Scaling scaling, Execution execution) {
            return new Dropout(p, scaling).with(execution);
        }

        @Override
        long units(long[] shape) {
            return product(shape);
        }
    },

    /** Samples. */
    DROPPATH_ROW(true) {
        @Override
        UnitDropout layer(double p, Scaling scaling, Execution execution) {
            return new DropPath(p, DropPath.Mode.ROW, scaling).with(execution);
        }

        @Override
        long units(long[] shape) {
            return shape[0];
        }
    },

    /** The batch. */
    DROPPATH_BATCH(false) {
        @Override
        UnitDropout layer(double p, Scaling scaling, Execution execution) {
            return new DropPath(p, DropPath.Mode.BATCH, scaling).with(execution);
        }

        @Override
        long units(long[] shape) {
            return 1;
        }
    },

    /** The packed mask of Dropout by itself. */
    MASK(true) {
        @Override
        UnitDropout layer(double p, Scaling scaling, Execution execution) {
            return DROPOUT.layer(p, scaling, execution);
        }

        @Override
        long units(long[] shape) {
            return product(shape);
        }
    };

    private final boolean canBeCut;

    VerifyLayer(boolean canBeCut) {
        this.canBeCut = canBeCut;
    }

    abstract UnitDropout layer(double p, Scaling scaling, Execution execution);

    /** Units of a tensor, as many as there are or more. */
    abstract long units(long[] shape);

    /** Whether parts of the first dimension have units of their own. */
    boolean canBeCut() {
        return canBeCut;
    }

    private static long product(long[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
