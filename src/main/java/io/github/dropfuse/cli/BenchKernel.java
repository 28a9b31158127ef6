package io.github.dropfuse.cli;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import java.util.function.Consumer;

/** What {@code dropfuse bench} times; a new kernel is an entry here. */
enum BenchKernel {
    /** Each element drawn, scaled and selected. */
    FORWARD("forward", 0.1, 1) {
        @Override
        Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena) {
            Dropout layer = new Dropout(p()).with(execution);
            return state -> layer.forward(x, y, state);
        }
    },

    /** The same of a gradient. */
    BACKWARD("backward", 0.1, 1) {
        @Override
        Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena) {
            Dropout layer = new Dropout(p()).with(execution);
            return state -> layer.backward(x, y, state);
        }
    },

    /** A mask that was drawn before. */
    STORED_MASK("stored-mask", 0.1, 1) {
        @Override
        Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena) {
            Dropout layer = new Dropout(p()).with(execution);
            Mask mask = layer.mask(arena, x, STORED);
            return state -> layer.forward(x, y, mask);
        }
    },

    /** The packed bits alone, without a tensor. */
    MASK("mask", 0.1, 1) {
        @Override
        Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena) {
            Mask mask = mask(x, y);
            return state -> Masks.draw(mask, p(), state, 0, execution);
        }

        @Override
        boolean hasInPlace() {
            return false;
        }
    },

    /** Samples of a vision transformer: 197 tokens of 768 channels. */
    DROPPATH("droppath", 0.5, 197 * 768) {
        @Override
        Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena) {
            DropPath layer = new DropPath(p()).with(execution);
            long[] shape = {x.size() / run(), 197, 768};
            Tensor input = x.reshape(shape);
            Tensor output = y.reshape(shape);
            return state -> layer.forward(input, output, state);
        }
    };

    /** What stored masks are drawn from. */
    static final PhiloxState STORED = new PhiloxState(42, 1L << 62);

    private final String label;
    private final double p;
    private final long run;

    BenchKernel(String label, double p, long run) {
        this.label = label;
        this.p = p;
        this.run = run;
    }

    /** Something to be called with a state each time. */
    abstract Consumer<PhiloxState> on(Tensor x, Tensor y, Execution execution, Arena arena);

    boolean hasInPlace() {
        return true;
    }

    double p() {
        return p;
    }

    /** Elements of a unit; sizes are rounded down to a multiple of it. */
    long run() {
        return run;
    }

    /** The mask that {@link #MASK} draws, in the output's memory. */
    static Mask mask(Tensor x, Tensor y) {
        return Mask.of(y.segment().asSlice(0, (x.size() + 7) / 8), x.size());
    }

    @Override
    public String toString() {
        return label;
    }
}
