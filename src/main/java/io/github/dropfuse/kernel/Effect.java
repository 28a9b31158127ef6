package io.github.dropfuse.kernel;

/**
 * What becomes of kept and dropped elements. A layer's constructor makes it; it is immutable, and
 * the same for tensors of every type: the constants are rounded once to the compute type when they
 * are used.
 *
 * @param form how the operands are combined
 * @param p probability that a unit is dropped, 0 to 1; a stored mask needs none
 * @param scale factor of kept values; the standard deviation of noise
 * @param shift what is added to kept values; the divisor of a product
 * @param dropped what dropped elements become
 */
public record Effect(Form form, double p, double scale, double shift, double dropped) {
    /** How the operands of {@link Kernels#apply} are combined. */
    public enum Form {
        /** {@code y = keep ? fma(x, scale, shift) : dropped}. */
        DROP,
        /** {@code y = keep ? second + x * scale : second}; without a second, 0 in its place. */
        BRANCH,
        /** {@code y = keep ? second + (x + vector) * scale : second}; likewise. */
        BIASED_BRANCH,
        /** {@code y = keep ? second + (x * vector) * scale : second}; likewise. */
        SCALED_BRANCH,
        /** {@code y = keep ? x : second}, of either that is null +0: bits, without arithmetic. */
        ZONEOUT,
        /**
         * {@code y = fma(x, 1 - p, p * second)}, whatever decides; x itself with p = 0, the second
         * with p = 1.
         */
        BLEND,
        /** {@code y = (x / shift) * (keep ? scale : 0)}: the source is a mask. */
        PRODUCT,
        /** {@code y = fma(scale, n, x)} with standard normal numbers n: the source is a state. */
        ADDED_NOISE,
        /** {@code y = x * fma(scale, n, 1)}, likewise. */
        MULTIPLIED_NOISE
    }

    /** The identity, for whatever source. */
    public static final Effect IDENTITY = drop(0, 1);

    /**
     * Plain dropout: {@code y = keep ? x * scale : +0}.
     *
     * @param p probability that a unit is dropped
     * @param scale factor of kept values
     * @return the effect; x * scale + -0.0 has the bits of x * scale
     */
    public static Effect drop(double p, double scale) {
        return new Effect(Form.DROP, p, scale, -0.0, 0.0);
    }

    /**
     * The same with another form, where no more than p and scale count.
     *
     * @param other how the operands are combined
     * @return a new effect
     */
    public Effect as(Form other) {
        return new Effect(other, p, scale, shift, dropped);
    }
}
