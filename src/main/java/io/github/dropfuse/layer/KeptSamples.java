package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Stochastic depth that skips the work: which samples of a batch a residual branch is computed for,
 * known before it runs, and the way there and back. Samples are entries of the first dimension.
 *
 * <pre>{@code
 * // y = x + DropPath(branch(x)), where the branch sees the kept samples only; y is x
 * KeptSamples kept = KeptSamples.drawn(dropPath, batch, generator.next());
 * Tensor rows = Tensor.allocate(arena, FLOAT32, kept.count(), tokens, channels);
 * Tensor out = Tensor.allocate(arena, FLOAT32, kept.count(), tokens, channels);
 * kept.gather(x, rows);
 * branch.forward(rows, out);
 * kept.scatterAdd(out, x);
 *
 * // backward: dy becomes dx
 * kept.scatterAddBackward(dy, dout);
 * branch.backward(dout, drows);
 * kept.gatherBackward(drows, dy);
 * }</pre>
 *
 * <p>The result is that of {@link DropPathAdd} with the same decisions, bit for bit. A branch that
 * is kept for no sample need not run at all.
 *
 * <p>Immutable and safe to share. Methods check their arguments before they write. On a device they
 * wait for the copy of the indices, in the stream's order.
 */
public final class KeptSamples {
    private final long[] indices;
    private final long batch;
    private final double scale;
    private final Execution execution;

    private KeptSamples(long[] indices, long batch, double scale, Execution execution) {
        this.indices = indices;
        this.batch = batch;
        this.scale = scale;
        this.execution = execution;
    }

    /**
     * Each sample decided for itself, as {@link DropPath} does: any number of them is kept, none
     * included. The host has to know them, so a mask in a device's or in pinned memory is waited for;
     * states are drawn on the host.
     *
     * @param path its p, mode, scaling and execution are used
     * @param batch number of samples, at least 0
     * @param source what decides
     * @return the kept samples
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public static KeptSamples drawn(DropPath path, int batch, MaskSource source) {
        return drawn(path, batch, source, 0);
    }

    /**
     * Each sample of a shard decided for itself.
     *
     * @param path its p, mode, scaling and execution are used
     * @param batch number of samples, at least 0
     * @param source what decides
     * @param start the first sample's index in the whole batch, unsigned; in a mask, its bit
     * @return the kept samples
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public static KeptSamples drawn(DropPath path, int batch, MaskSource source, long start) {
        checkBatch(batch);
        boolean whole = path.mode() == DropPath.Mode.BATCH;
        int units = whole ? Math.min(batch, 1) : batch;
        long[] indices = new long[batch];
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            Mask mask;
            long first;
            switch (source) {
                case PhiloxState state -> {
                    mask = Mask.allocate(arena, units);
                    Masks.draw(mask, path.p(), state, start, path.execution().near());
                    first = 0;
                }
                case Mask stored -> {
                    Checks.accessible(stored.address());
                    mask = Masks.near(arena, stored);
                    first = start;
                    if (start < 0 || start > stored.units() - units) {
                        throw new IllegalArgumentException(
                                "start is " + start + ", for " + units + " samples of a mask of "
                                        + stored.units() + " allowed are 0 to "
                                        + (stored.units() - units));
                    }
                }
            }
            for (int j = 0; j < batch; j++) {
                if (mask.keeps(first + (whole ? 0 : j))) {
                    indices[count++] = j;
                }
            }
        }
        return new KeptSamples(
                Arrays.copyOf(indices, count), batch, path.trainingScale(), path.execution());
    }

    /**
     * A fixed number of samples, chosen without replacement: the whole number nearest to {@code
     * batch * (1 - p)}, ties to even, but at least 1 where p is below 1. With {@link
     * Scaling#IN_TRAINING} they are scaled by exactly {@code batch / count}. DINOv2 does this.
     *
     * @param path its p, scaling and execution are used
     * @param batch number of samples, at least 0
     * @param state what decides
     * @return the kept samples
     * @throws IllegalArgumentException if {@code batch} is negative
     */
    public static KeptSamples fixed(DropPath path, int batch, PhiloxState state) {
        checkBatch(batch);
        int count = FixedChoice.count(batch, path.p());
        int[] chosen = FixedChoice.of(batch, count, state, 0);
        boolean scaled = path.scaling() == Scaling.IN_TRAINING && count > 0;
        return new KeptSamples(
                Arrays.stream(chosen).asLongStream().toArray(),
                batch,
                scaled ? (double) batch / count : 1.0,
                path.execution());
    }

    /**
     * Samples that the caller chose.
     *
     * @param batch number of samples in all, at least 0
     * @param scale factor of the branch's output
     * @param indices which samples are kept, in the order in which they are gathered, each once
     * @return the kept samples
     * @throws IllegalArgumentException if an index is not in [0, batch) or is repeated, or {@code
     *     batch} is negative
     */
    public static KeptSamples of(int batch, double scale, long... indices) {
        checkBatch(batch);
        boolean[] seen = new boolean[batch];
        for (int j = 0; j < indices.length; j++) {
            long index = indices[j];
            if (index < 0 || index >= batch) {
                throw new IllegalArgumentException(
                        "indices[" + j + "] is " + index + ", allowed are 0 to " + (batch - 1L));
            }
            if (seen[(int) index]) {
                throw new IllegalArgumentException(
                        "indices[" + j + "] is " + index
                                + " once more, allowed is each sample once");
            }
            seen[(int) index] = true;
        }
        return new KeptSamples(indices.clone(), batch, scale, Execution.automatic());
    }

    /**
     * The same samples, moved elsewhere.
     *
     * @param elsewhere where and on which threads
     * @return a new object
     */
    public KeptSamples with(Execution elsewhere) {
        return new KeptSamples(indices, batch, scale, elsewhere);
    }

    /**
     * The number of kept samples: the first extent of what the branch computes.
     *
     * @return 0 to {@link #batch()}
     */
    public int count() {
        return indices.length;
    }

    /**
     * The number of samples in all.
     *
     * @return at least 0
     */
    public long batch() {
        return batch;
    }

    /**
     * The kept samples.
     *
     * @return a new array, in the order in which they are gathered
     */
    public long[] indices() {
        return indices.clone();
    }

    /**
     * The factor of the branch's output.
     *
     * @return in float64; rounded once to the compute type when it is used
     */
    public double scale() {
        return scale;
    }

    /**
     * Copies the kept samples.
     *
     * @param x all samples
     * @param rows receives the kept ones: {@link #count()} entries of x's
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void gather(Tensor x, Tensor rows) {
        rows("x", x, "rows", rows, rows).move(RowMove.GATHER, x, rows, 1.0);
    }

    /**
     * The gradient of {@link #gather}, added to a gradient that is there: {@code dx[i_j] +=
     * drows[j]}.
     *
     * @param drows gradient of the gathered samples
     * @param dx gradient of all samples, which is added to
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void gatherBackward(Tensor drows, Tensor dx) {
        rows("dx", dx, "drows", drows, dx).move(RowMove.SCATTER_ADD, drows, dx, 1.0);
    }

    /**
     * Adds the branch's output to the residual, {@code residual[i_j] += branch[j] * scale}, computed
     * in float32, or float64 for float64, and rounded once to the tensors' type. Other samples are
     * not touched.
     *
     * @param branch the branch's output for the kept samples
     * @param residual all samples, which are added to
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void scatterAdd(Tensor branch, Tensor residual) {
        rows("residual", residual, "branch", branch, residual)
                .move(RowMove.SCATTER_ADD, branch, residual, scale);
    }

    /**
     * The gradient of {@link #scatterAdd}: {@code dbranch[j] = dy[i_j] * scale}. The residual's
     * gradient is dy itself.
     *
     * @param dy gradient of the sum
     * @param dbranch receives the gradient of the branch's output
     * @throws IllegalArgumentException if an argument is outside of what is allowed
     */
    public void scatterAddBackward(Tensor dy, Tensor dbranch) {
        rows("dy", dy, "dbranch", dbranch, dbranch).move(RowMove.GATHER, dy, dbranch, scale);
    }

    private Rows rows(String allName, Tensor all, String someName, Tensor some, Tensor out) {
        if (all.rank() == 0 || all.extent(0) != batch) {
            throw new IllegalArgumentException(
                    allName + " has shape " + Arrays.toString(all.shape())
                            + ", its first extent has to be the batch's " + batch);
        }
        long[] shape = all.shape();
        shape[0] = indices.length;
        Rows.check(execution, allName, all, someName, some, shape, out);
        long elements = all.size() == 0 ? 0 : all.size() / batch;
        return new Rows(execution, indices, elements);
    }

    private static void checkBatch(int batch) {
        if (batch < 0) {
            throw new IllegalArgumentException("batch is " + batch + ", allowed are 0 to 2^31 - 1");
        }
    }

    /** How many of how many, and the scale. */
    @Override
    public String toString() {
        return "KeptSamples[" + indices.length + " of " + batch + ", scale=" + scale + "]";
    }
}
