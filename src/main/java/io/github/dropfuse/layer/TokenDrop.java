package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * Token drop, as timm's PatchDropout: keeps a fixed number of the tokens of each sample, chosen
 * without replacement, and leaves out the others. Liu et al., <i>PatchDropout</i>,
 * arXiv:2208.07220.
 *
 * <p>Inputs are (N, T, C), outputs (N, kept(T), C). The first tokens of each sample, such as a
 * class token, may be exempt. Of the L others the whole number nearest to {@code L * (1 - p)} is
 * kept, ties to even, but at least 1 where p is below 1. Tokens keep their order and their values;
 * nothing is scaled. In the backward pass the gradient of a kept token is its output's, others get
 * 0. Inference is the identity, and keeps all tokens.
 *
 * <p>Units are tokens that are not exempt, row-major over (N, L). A stored mask keeps the same
 * number of each sample's. A shard is of samples and channels, with all tokens. On a device, passes
 * wait for the copy of the tokens' places, in the stream's order.
 *
 * <pre>{@code
 * TokenDrop drop = new TokenDrop(0.5, 1);
 * Tensor y = Tensor.allocate(arena, FLOAT32, n, drop.kept(t), c);
 * drop.forward(x, y, state);
 * }</pre>
 */
public final class TokenDrop implements Layer {
    private static final ValueLayout.OfLong INDEX = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Virtual machines make no longer arrays. */
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final double p;
    private final int prefixTokens;
    private final Execution execution;

    /**
     * Drops tokens of each sample.
     *
     * @param p share of the tokens to drop, 0 to 1
     * @param prefixTokens how many first tokens are always kept, at least 0
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
        this.execution = Objects.requireNonNull(execution, "execution");
    }

    /**
     * The same layer with another probability, such as a {@link Schedule} gives for a step.
     *
     * @param newP the share of the tokens to drop, 0 to 1
     * @return a new layer
     */
    public TokenDrop withP(double newP) {
        return new TokenDrop(newP, prefixTokens, execution);
    }

    @Override
    public TokenDrop with(Execution execution) {
        return new TokenDrop(p, prefixTokens, execution);
    }

    @Override
    public Execution execution() {
        return execution;
    }

    /** {@return the share of the tokens to drop, 0 to 1} */
    public double p() {
        return p;
    }

    /** {@return how many first tokens are always kept, at least 0} */
    public int prefixTokens() {
        return prefixTokens;
    }

    /**
     * How many tokens of a sample are kept, those that are exempt included: the second extent of
     * the output.
     *
     * @param tokens tokens of a sample, at least {@link #prefixTokens()}
     * @return the number of kept tokens
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
     */
    public long[] indices(int samples, int tokens, PhiloxState state, long firstSample) {
        Objects.requireNonNull(state, "state");
        int keep = kept(tokens);
        int most = LONGEST_ARRAY / Math.max(1, keep);
        if (samples < 0) {
            throw new IllegalArgumentException(
                    "samples is " + samples + ", allowed are 0 to 2^31 - 1");
        }
        if (samples > most) {
            throw new IllegalArgumentException(
                    "samples is " + samples + ", with " + keep + " kept tokens allowed are 0 to "
                            + most + ", as an array holds no more");
        }
        int others = tokens - prefixTokens;
        if (firstSample < 0) {
            throw new IllegalArgumentException(
                    "firstSample is " + firstSample + ", allowed are 0 to 2^63 - 1");
        }
        if (samples > 0 && others > 0) {
            long last = Checks.entries(others) - samples;
            if (Long.compareUnsigned(firstSample, last) > 0) {
                throw new IllegalArgumentException(
                        "firstSample is " + firstSample + ", with " + samples + " samples of "
                                + others + " units allowed are 0 to " + last);
            }
        }
        long[] indices = new long[samples * keep];
        write(MemorySegment.ofArray(indices), samples, tokens, 0, state, firstSample * others);
        return indices;
    }

    /** Writes the kept tokens of samples, which are so many rows apart. */
    private void write(
            MemorySegment indices,
            long samples,
            int tokens,
            long distance,
            PhiloxState state,
            long start) {
        int keep = kept(tokens);
        int others = tokens - prefixTokens;
        FixedChoice choice = new FixedChoice(others, keep - prefixTokens, state);
        for (long n = 0; n < samples; n++) {
            for (int t = 0; t < prefixTokens; t++) {
                indices.setAtIndex(INDEX, n * keep + t, n * distance + t);
            }
            choice.write(
                    start + n * others, indices, n * keep + prefixTokens,
                    n * distance + prefixTokens);
        }
    }

    @Override
    public long units(Tensor x) {
        return units(x, layout("x", x, Shard.WHOLE));
    }

    private static long units(Tensor x, ShardLayout at) {
        return x.size() == 0 ? 0 : at.count();
    }

    @Override
    public Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        Objects.requireNonNull(arena, "arena");
        ShardLayout at = layout("x", x, shard);
        check(source, at, null, null);
        Place place = execution.at(x.location()).kernels().place();
        try (Arena scratch = Arena.ofConfined()) {
            Mask mask = Mask.allocate(place.location().isHost() ? arena : scratch, units(x, at));
            if (mask.units() == 0) {
                return Masks.kept(arena, place, mask);
            }
            MemorySegment places = places(scratch, place, x, at, source);
            long tokens = x.extent(1);
            for (long j = 0; j < places.byteSize() / Long.BYTES; j++) {
                long row = places.getAtIndex(INDEX, j);
                if (row % tokens >= prefixTokens) {
                    mask.set(row - (row / tokens + 1) * prefixTokens, true);
                }
            }
            return Masks.kept(arena, place, mask);
        }
    }

    @Override
    public void forward(Tensor x, Tensor y, MaskSource source, Shard shard) {
        ShardLayout at = layout("x", x, shard);
        check("x", x, "y", y, y);
        check(source, at, "y", y);
        if (x.size() == 0) {
            return;
        }
        move(RowMove.GATHER, x, y, (arena, place) -> places(arena, place, x, at, source));
    }

    /**
     * Training with tokens that the caller chose.
     *
     * @param x input (N, T, C)
     * @param y output (N, kept(T), C)
     * @param indices for each sample its kept tokens, each once, as {@link #indices(int, int,
     *     PhiloxState)} gives them
     */
    public void forward(Tensor x, Tensor y, long[] indices) {
        check("x", x, "y", y, y);
        move(RowMove.GATHER, x, y, (arena, place) -> places(arena, x, indices));
    }

    @Override
    public void backward(Tensor dy, Tensor dx, MaskSource source, Shard shard) {
        ShardLayout at = layout("dx", dx, shard);
        check("dx", dx, "dy", dy, dx);
        check(source, at, "dx", dx);
        if (dx.size() == 0) {
            return;
        }
        move(RowMove.SCATTER, dy, dx, (arena, place) -> places(arena, place, dx, at, source));
    }

    /**
     * The gradient of training with tokens that the caller chose.
     *
     * @param dy gradient of the output (N, kept(T), C)
     * @param dx gradient of the input (N, T, C)
     * @param indices what the forward pass was given
     */
    public void backward(Tensor dy, Tensor dx, long[] indices) {
        check("dx", dx, "dy", dy, dx);
        move(RowMove.SCATTER, dy, dx, (arena, place) -> places(arena, dx, indices));
    }

    private void move(
            RowMove move, Tensor x, Tensor y, BiFunction<Arena, Place, MemorySegment> findPlaces) {
        Execution here = execution.at(x, y);
        boolean splits = here.splitter().splits(x.size(), KernelCalls.GRAIN);
        try (Arena arena = KernelCalls.scratchArena(splits)) {
            MemorySegment places = findPlaces.apply(arena, here.kernels().place());
            if (move == RowMove.SCATTER) {
                KernelCalls.apply(
                        here, Effect.drop(1, 0), ElementwiseLayer.NOTHING, Layout.ELEMENTS, y, null,
                        null, y);
            }
            Rows.move(here, move, 1.0, places, x, y);
        }
    }

    /** Copies all tokens. */
    @Override
    public void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        checkTokens("x", x);
        Execution here = execution.at(x, y);
        Checks.placed(here.kernels(), "x", x, "y", y, null);
        KernelCalls.apply(
                here, Effect.IDENTITY, ElementwiseLayer.NOTHING, Layout.ELEMENTS, x, null, null, y);
    }

    private void checkTokens(String name, Tensor x) {
        if (Objects.requireNonNull(x, name).rank() != 3) {
            throw new IllegalArgumentException(
                    name + " has rank " + x.rank() + ", allowed is 3: (N, T, C)");
        }
        if (x.extent(1) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    name + " has " + x.extent(1) + " tokens a sample, allowed are 0 to 2^31 - 1");
        }
        kept((int) x.extent(1));
    }

    private void check(String allName, Tensor all, String someName, Tensor some, Tensor out) {
        checkTokens(allName, all);
        long[] shape = all.shape();
        shape[1] = kept((int) shape[1]);
        Rows.check(
                execution, allName, all, someName, Objects.requireNonNull(some, someName), shape,
                out);
    }

    private void check(MaskSource source, ShardLayout at, String outName, Tensor out) {
        at.check(Checks.decides(this, source), outName, out);
    }

    /** The units of all samples' tokens that are not exempt. */
    private ShardLayout layout(String name, Tensor x, Shard shard) {
        checkTokens(name, x);
        long[] whole = Objects.requireNonNull(shard, "shard").wholeShape(name, x.shape());
        if (whole[1] != x.extent(1)) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(x.shape()) + ", allowed in a shard of "
                            + Arrays.toString(whole)
                            + " are all tokens, as they are chosen of whole samples");
        }
        long others = whole[1] - prefixTokens;
        Shard ofTokens =
                shard.isBox() ? Shard.of(new long[] {whole[0], others}, shard.from(0), 0) : shard;
        return new ShardLayout(
                name, new long[] {x.extent(0), others}, Units.elements(), ofTokens);
    }

    /** For each kept token its row among the tokens of all samples. */
    private MemorySegment places(
            Arena arena, Place place, Tensor all, ShardLayout at, MaskSource source) {
        long samples = all.extent(0);
        int tokens = (int) all.extent(1);
        MemorySegment places = arena.allocate(samples * kept(tokens) * Long.BYTES, Long.BYTES);
        long start = at.layout().start();
        if (source instanceof PhiloxState state) {
            write(places, samples, tokens, tokens, state, start);
        } else {
            write(places, samples, tokens, Masks.onHost(arena, place, (Mask) source), start);
        }
        return places;
    }

    /** The same from a mask, which has to keep as many tokens of each sample. */
    private void write(MemorySegment places, long samples, int tokens, Mask mask, long start) {
        int keep = kept(tokens);
        int others = tokens - prefixTokens;
        for (long n = 0; n < samples; n++) {
            int found = 0;
            for (int t = 0; t < tokens; t++) {
                boolean kept =
                        t < prefixTokens || mask.keeps(start + n * others + t - prefixTokens);
                if (kept && found < keep) {
                    places.setAtIndex(INDEX, n * keep + found, n * tokens + t);
                }
                found += kept ? 1 : 0;
            }
            if (found != keep) {
                throw new IllegalArgumentException(
                        "mask keeps " + (found - prefixTokens) + " tokens of sample " + n
                                + ", allowed are " + (keep - prefixTokens));
            }
        }
    }

    private MemorySegment places(Arena arena, Tensor all, long[] indices) {
        long[] copy = Objects.requireNonNull(indices, "indices").clone();
        long tokens = all.extent(1);
        int keep = kept((int) tokens);
        long samples = all.extent(0);
        BigInteger needed = BigInteger.valueOf(samples).multiply(BigInteger.valueOf(keep));
        if (!needed.equals(BigInteger.valueOf(copy.length))) {
            throw new IllegalArgumentException(
                    "indices has " + copy.length + " elements, allowed are " + needed);
        }
        MemorySegment places = arena.allocate((long) copy.length * Long.BYTES, Long.BYTES);
        for (int from = 0; from < copy.length; from += keep) {
            long sample = from / keep;
            Rows.checkDistinct(copy, from, keep, tokens, sample);
            for (int j = from; j < from + keep; j++) {
                places.setAtIndex(INDEX, j, sample * tokens + copy[j]);
            }
        }
        return places;
    }

    /** Name, p and the number of tokens that are exempt. */
    @Override
    public String toString() {
        return "TokenDrop[p=" + p + ", prefixTokens=" + prefixTokens + "]";
    }
}
