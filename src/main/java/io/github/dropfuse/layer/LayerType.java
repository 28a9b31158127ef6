package io.github.dropfuse.layer;

import java.util.List;

/**
 * What there is to know of a kind of layers to make one and to call it, without knowing its class; see
 * {@link Catalogue}.
 *
 * @param name what commands call it, such as {@code dropout2d}
 * @param options what a layer is made of
 * @param maker makes a layer
 * @param passes what can be called of it; the first is {@link Pass#FORWARD}
 * @param inputs which tensors it takes
 * @param strength what it does to values
 * @param examples typical uses, to be timed
 * @param elsewhere what other libraries call it: a row of the README's table, in Markdown
 */
public record LayerType(
        String name,
        List<LayerOption<?>> options,
        Maker maker,
        List<Pass> passes,
        Inputs inputs,
        Strength strength,
        List<Example> examples,
        String elsewhere) {

    /** Makes layers. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes one.
         *
         * @param options values for the type's options
         * @param shape shape of x
         * @return a layer
         * @throws IllegalArgumentException if a value is not allowed
         */
        Layer make(Options options, long... shape);
    }

    /**
     * Which tensors a layer takes.
     *
     * @param leastRank least number of dimensions that random inputs have, at least 1
     * @param mostRank most dimensions that they have
     * @param images whether they are images: (samples, channels, extents)
     * @param options what tells the shape of x where the gradient of y does not; usually nothing
     * @param finder finds the shape of x
     */
    public record Inputs(
            int leastRank,
            int mostRank,
            boolean images,
            List<LayerOption<?>> options,
            Finder finder) {
        /** Of the shape of the first operand, whatever the pass. */
        Inputs(int leastRank, int mostRank, boolean images) {
            this(leastRank, mostRank, images, List.of(), (options, pass, called, first) -> first);
        }
    }

    /** Finds the shape of x where only that of a pass's first operand is known. */
    @FunctionalInterface
    public interface Finder {
        /**
         * Finds it.
         *
         * @param options values for the layer's options, and for those of its inputs
         * @param pass what is called
         * @param called what messages call the first operand
         * @param first the shape of the first operand
         * @return the shape of x
         * @throws IllegalArgumentException if there is none
         */
        long[] shape(Options options, Pass pass, String called, long[] first);
    }

    /**
     * What a layer does to values.
     *
     * @param drops whether it keeps or drops units, so that it has masks, or else makes noise
     * @param value the factor of kept values, or the noise's standard deviation
     */
    public record Strength(boolean drops, Value value) {
        /** A number that tells what a layer does. */
        @FunctionalInterface
        public interface Value {
            /**
             * Finds it.
             *
             * @param layer a layer of the type
             * @param kept how many units were kept
             * @param total of how many
             * @return the number
             */
            double of(Layer layer, long kept, long total);
        }
    }

    /**
     * One of the passes.
     *
     * @param wanted its name
     * @return the pass
     * @throws IllegalArgumentException if there is none of this name
     */
    public Pass pass(String wanted) {
        for (Pass pass : passes) {
            if (pass.name().equals(wanted)) {
                return pass;
            }
        }
        throw new IllegalArgumentException(
                "pass is " + wanted + ", allowed with " + name + " are " + passes);
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
