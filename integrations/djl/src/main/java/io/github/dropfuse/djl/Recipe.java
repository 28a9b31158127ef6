package io.github.dropfuse.djl;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * How a block computes: its layer, wherever that runs, and what of it a network's engine can record
 * as a product and a sum. Immutable.
 */
final class Recipe {
    /** An address that is not read. */
    private static final long SHAPE_ONLY = 64;

    private static final int NO_NUMBER = -1;

    private final String name;
    private final Function<Execution, Layer> layers;
    private final Execution execution;
    private final Layer layer;
    private final Factors factors;
    private final boolean shifts;

    /** The layer's number with {@link TorchOperator}, once it was asked for. */
    private int number = NO_NUMBER;

    /**
     * @param name describes the layer with all its settings
     * @param layers makes the layer for an execution
     * @param execution where arrays of the host are computed
     * @param factors what a gradient is multiplied by
     * @param shifts whether the layer also adds something, which is what it makes of zeros
     */
    Recipe(
            String name,
            Function<Execution, Layer> layers,
            Execution execution,
            Factors factors,
            boolean shifts) {
        this.name = name;
        this.layers = layers;
        this.execution = execution;
        this.layer = layers.apply(execution);
        this.factors = factors;
        this.shifts = shifts;
    }

    /** Of a layer of the library, by which it is called. */
    static Recipe of(
            io.github.dropfuse.layer.Layer layer,
            Execution execution,
            Factors factors,
            boolean shifts) {
        return new Recipe(
                layer.toString(),
                elsewhere -> Layer.of(layer.with(elsewhere)),
                execution,
                factors,
                shifts);
    }

    /** What a gradient is multiplied by: whatever the layer's backward pass makes of ones. */
    sealed interface Factors {
        /** The shape of the factors, which is broadcast to that of x. */
        long[] shape(long[] x);

        /** Nothing: the gradient of x is that of y. */
        record None() implements Factors {
            @Override
            public long[] shape(long[] x) {
                return new long[0];
            }
        }

        /** 0 or the scale for each element. */
        record Drawn(double p, double scale) implements Factors {
            @Override
            public long[] shape(long[] x) {
                return x;
            }
        }

        /** One for each position of a mask of some shape. */
        record OfMask(UnaryOperator<long[]> mask) implements Factors {
            @Override
            public long[] shape(long[] x) {
                return mask.apply(x);
            }
        }
    }

    String name() {
        return name;
    }

    Execution execution() {
        return execution;
    }

    /** The layer for arrays of the host. */
    Layer layer() {
        return layer;
    }

    /** What graphs know the layer of the host by. Whoever asks first finds it out. */
    int number() {
        int known = number;
        if (known == NO_NUMBER) {
            known = TorchOperator.number(this);
            number = known;
        }
        return known;
    }

    Layer layerOn(Execution elsewhere) {
        return layers.apply(elsewhere);
    }

    Factors factors() {
        return factors;
    }

    boolean hasFactors() {
        return !(factors instanceof Factors.None);
    }

    boolean shifts() {
        return shifts;
    }

    /** Refuses shapes that the layer has no meaning for. */
    void check(DType dtype, long[] shape) {
        layer.check(Tensor.ofAddress(SHAPE_ONLY, dtype, shape));
    }

    /** Whether the memory of factors has to hold ones before {@link #drawFactors}. */
    boolean factorsNeedOnes(boolean host) {
        return !(host && factors instanceof Factors.Drawn);
    }

    /** Fills memory with factors. */
    void drawFactors(Layer where, Tensor memory, PhiloxState state) {
        if (factors instanceof Factors.Drawn drawn && memory.location().isHost()) {
            Masks.factors(memory, drawn.p(), drawn.scale(), state, 0, execution);
        } else {
            where.backward(memory, memory, state);
        }
    }
}
