package io.github.dropfuse.layer;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.MemorySegment;

/**
 * Token drop, as timm's PatchDropout: keeps a fixed number of the tokens of each sample, chosen
 * without replacement, and leaves out the others. Liu et al., <i>PatchDropout</i>,
 * arXiv:2208.07220.
 *
 * <p>Inputs are (N, T, C). The first tokens of each sample, such as a class token, may be exempt.
 * Of the L others the whole number nearest to {@code L * (1 - p)} is kept, ties to even, but at
 * least 1 where p is below 1. Tokens keep their order and their values; nothing is scaled. Units are
 * tokens that are not exempt, row-major over (N, L). Immutable; methods check their arguments before
 * they write, and on a device wait for the copy of the indices, in the stream's order.
 *
 * <pre>{@code
 * TokenDrop drop = new TokenDrop(0.5, 1);
 * long[] indices = drop.indices(n, t, state);
 * Tensor y = Tensor.allocate(arena, FLOAT32, n, drop.kept(t), c);
 * drop.forward(x, y, indices);
 * }</pre>
 */
public final class TokenDrop {
    private final double p;
    private final int prefixTokens;
    private final Execution execution;

    /**
     * Drops tokens of each sample.
     *
     * @param p share of the tokens to drop, 0 to 1
     * @param prefixTokens how many first tokens are always kept, at least 0
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public TokenDrop(double p, int prefixTokens) {
        this(p, prefixTokens, Execution.automatic());
    }

    private TokenDrop(double p, int prefixTokens, Execution execution) {
        Checks.probability(p);
        if (prefixTokens < 0) {
            throw new IllegalArgumentException(
                    "prefixTokens is " + prefixTokens + ", allowed are 0 to 2^31 - 1");
        }
        this.p = p;
        this.prefixTokens = prefixTokens;
        this.execution = execution;
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the share of the tokens to drop, 0 to 1
     * @return a new layer
     * @throws IllegalArgumentException if it is not in [0, 1]
     */
    public TokenDrop withP(double newP) {
        return new TokenDrop(newP, prefixTokens, execution);
    }

    /**
     * The same layer, computed elsewhere.
     *
     * @param elsewhere where and on which threads
     * @return a new layer
     */
    public TokenDrop with(Execution elsewhere) {
        return new TokenDrop(p, prefixTokens, elsewhere);
    }

    /**
     * The share of the tokens to drop.
     *
     * @return 0 to 1
     */
    public double p() {
        return p;
    }

    /**
     * How many first tokens are always kept.
     *
     * @return at least 0
     */
    public int prefixTokens() {
        return prefixTokens;
    }

    /**
     * How many tokens of a sample are kept, those that are exempt included: the second extent of
     * the output.
     *
     * @param tokens tokens of a sample, at least {@link #prefixTokens()}
     * @return the number of kept tokens
     * @throws IllegalArgumentException if there are fewer tokens than are exempt
     */
    public int kept(int tokens) {
        if (tokens < prefixTokens) {
            throw new IllegalArgumentException(
                    "tokens is " + tokens + ", allowed are " + prefixTokens
                            + ", the tokens always kept, and more");
        }
        int others = tokens - prefixTokens;
        return prefixTokens + (others == 0 ? 0 : FixedChoice.count(others, p));
    }

    /**
     * Chooses the tokens to keep.
     *
     * @param samples number of samples, at least 0
     * @param tokens tokens of a sample
     * @param state what decides
     * @return for each sample its kept tokens in ascending order, (N, kept(T)) row-major
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public long[] indices(int samples, int tokens, PhiloxState state) {
        return indices(samples, tokens, state, 0);
    }

    /**
     * Chooses the tokens to keep of some samples of a larger batch.
     *
     * @param samples number of samples, at least 0
     * @param tokens tokens of a sample
     * @param state what decides
     * @param firstSample the first sample's index in the whole batch, at least 0
     * @return for each sample its kept tokens in ascending order, (N, kept(T)) row-major
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public long[] indices(int samples, int tokens, PhiloxState state, long firstSample) {
        if (samples < 0 || firstSample < 0) {
            throw new IllegalArgumentException(
                    samples < 0
                            ? "samples is " + samples + ", allowed are 0 to 2^31 - 1"
                            : "firstSample is " + firstSample + ", allowed are 0 to 2^63 - 1");
        }
        int keep = kept(tokens);
        int others = tokens - prefixTokens;
        long[] indices = new long[Math.multiplyExact(samples, keep)];
        for (int n = 0; n < samples; n++) {
            int at = n * keep;
            for (int t = 0; t < prefixTokens; t++) {
                indices[at++] = t;
            }
            long start = (firstSample + n) * others;
            for (int t : FixedChoice.of(others, keep - prefixTokens, state, start)) {
                indices[at++] = prefixTokens + t;
            }
        }
        return indices;
    }

    /**
     * Training: copies the kept tokens.
     *
     * @param x input (N, T, C)
     * @param y output (N, kept(T), C)
     * @param indices what {@link #indices(int, int, PhiloxState)} gave; each token at most once
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void forward(Tensor x, Tensor y, long[] indices) {
        rows("x", x, "y", y, y, indices).move(RowMove.GATHER, x, y, 1.0);
    }

    /**
     * The gradient of the training pass: that of a kept token is its output's, others get 0.
     *
     * @param dy gradient of the output (N, kept(T), C)
     * @param dx gradient of the input (N, T, C)
     * @param indices what the forward pass was given
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void backward(Tensor dy, Tensor dx, long[] indices) {
        Rows rows = rows("dx", dx, "dy", dy, dx, indices);
        Execution here = execution.at(dy, dx);
        UnitCalls.drop(here, dx, dx, Units.elements(), MemorySegment.NULL, 1, 0, 0, 0, 0);
        rows.move(RowMove.SCATTER, dy, dx, 1.0);
    }

    private Rows rows(
            String allName, Tensor all, String someName, Tensor some, Tensor out, long[] indices) {
        if (all.rank() != 3) {
            throw new IllegalArgumentException(
                    allName + " has rank " + all.rank() + ", allowed is 3: (N, T, C)");
        }
        long tokens = all.extent(1);
        long keep = kept(Math.toIntExact(tokens));
        long[] shape = {all.extent(0), keep, all.extent(2)};
        Rows.check(execution, allName, all, someName, some, shape, out);
        long[] places = places(indices, all.extent(0), tokens, keep);
        return new Rows(execution, places, all.size() == 0 ? 0 : all.extent(2));
    }

    private static long[] places(long[] indices, long samples, long tokens, long keep) {
        if (indices.length != samples * keep) {
            throw new IllegalArgumentException(
                    "indices has " + indices.length + " elements, allowed are " + samples * keep);
        }
        long[] places = new long[indices.length];
        long[] lastSeen = new long[Math.toIntExact(tokens)];
        for (int j = 0; j < indices.length; j++) {
            long index = indices[j];
            long sample = j / keep;
            if (index < 0 || index >= tokens) {
                throw new IllegalArgumentException(
                        "indices[" + j + "] is " + index + ", allowed are 0 to " + (tokens - 1));
            }
            if (lastSeen[(int) index] == sample + 1) {
                throw new IllegalArgumentException(
                        "indices[" + j + "] is " + index + " once more in sample " + sample
                                + ", allowed is each token once");
            }
            lastSeen[(int) index] = sample + 1;
            places[j] = sample * tokens + index;
        }
        return places;
    }

    /** Name, p and the number of tokens that are exempt. */
    @Override
    public String toString() {
        return "TokenDrop[p=" + p + ", prefixTokens=" + prefixTokens + "]";
    }
}
