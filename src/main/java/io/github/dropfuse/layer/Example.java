package io.github.dropfuse.layer;

import java.util.List;

/**
 * A typical use of a layer, to be timed.
 *
 * @param name what it is known by among all examples
 * @param options the layer's options
 * @param pass the name of the {@link Pass}
 * @param operands names of the optional operands that are given
 * @param source what decides
 * @param sample extents of a sample of x, after the number of samples; empty where x is a vector
 * @param placement where the output is
 * @param limit bytes of tensors that have to be moved, over those that a copy of x moves
 */
public record Example(
        String name,
        Options options,
        String pass,
        List<String> operands,
        Pass.Source source,
        List<Integer> sample,
        Placement placement,
        double limit) {

    /** Where the output is. */
    public enum Placement {
        /** In memory of its own. */
        APART,
        /** In the memory of the residual, or where there is none of x. */
        IN_PLACE,
        /** Either. */
        BOTH
    }

    /** A forward pass of a layer that is drawn with probability p. */
    Example(String name, double p, Placement placement, double limit, Integer... sample) {
        this(
                name, Options.NONE.with(LayerOptions.P, p), Pass.FORWARD, List.of(),
                Pass.Source.STATE, List.of(sample), placement, limit);
    }

    <T> Example with(LayerOption<T> option, T value) {
        return new Example(
                name, options.with(option, value), pass, operands, source, sample, placement, limit);
    }

    Example of(String other) {
        return new Example(name, options, other, operands, source, sample, placement, limit);
    }

    Example given(String one) {
        return new Example(
                name, options, pass, List.of(one), source, sample, placement, limit);
    }

    Example by(Pass.Source other) {
        return new Example(name, options, pass, operands, other, sample, placement, limit);
    }

    /**
     * The number of elements of a sample.
     *
     * @return at least 1
     */
    public long sampleSize() {
        return sample.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    /**
     * The shape of x.
     *
     * @param samples how many there are
     * @return the shape
     */
    public long[] shape(long samples) {
        long[] shape = new long[sample.size() + 1];
        shape[0] = samples;
        for (int d = 1; d < shape.length; d++) {
            shape[d] = sample.get(d - 1);
        }
        return shape;
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
