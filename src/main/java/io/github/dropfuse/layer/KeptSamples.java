package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Place;
import io.github.dropfuse.kernel.RowMove;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

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
    private static final ValueLayout.OfLong INDEX = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment indices;
    private final int batch;
    private final double scale;
    private final Execution execution;

    /** Of indices off the heap, which kernels read. */
    private KeptSamples(MemorySegment indices, int batch, double scale, Execution execution) {
        this.indices = indices;
        this.batch = batch;
        this.scale = scale;
        this.execution = Objects.requireNonNull(execution, "execution");
    }

    private static MemorySegment allocate(long count) {
        return Arena.ofAuto().allocate(count * Long.BYTES, Long.BYTES);
    }

    /**
     * Each sample decided for itself, as {@link DropPath} does: any number of them is kept, none
     * included. The host has to know them, so a mask in a device's or in pinned memory is waited
     * for; states are drawn on the host.
     *
     * @param path its p, mode, scaling and execution are used
     * @param batch number of samples, at least 0
     * @param source what decides
     * @return the kept samples
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
     */
    public static KeptSamples drawn(DropPath path, int batch, MaskSource source, long start) {
        checkBatch(path, batch);
        boolean whole = path.mode() == DropPath.Mode.BATCH;
        int units = whole ? Math.min(batch, 1) : batch;
        long first = whole ? 0 : start;
        Execution host = path.execution().onHost();
        if (source instanceof Mask stored) {
            check(stored, units, first);
        }
        try (Arena arena = Arena.ofConfined()) {
            Mask mask = Mask.allocate(arena, units);
            switch (Objects.requireNonNull(source, "source")) {
                case PhiloxState state -> Masks.draw(mask, path.p(), state, first, host);
                case Mask stored -> {
                    Place place = path.execution().at(stored.location()).kernels().place();
                    Mask here = Masks.onHost(arena, place, stored);
                    KernelCalls.mask(host, path.p(), here, Layout.elementsFrom(first), mask);
                }
                case TorchCall call ->
                        throw new IllegalArgumentException(
                                "source is a TorchCall, allowed are a PhiloxState and a Mask");
            }
            long count = mask.kept() * (whole ? batch : 1);
            MemorySegment indices = allocate(count);
            long at = 0;
            for (int j = 0; at < count; j++) {
                if (whole || mask.keeps(j)) {
                    indices.setAtIndex(INDEX, at++, j);
                }
            }
            return new KeptSamples(indices, batch, path.trainingScale(), path.execution());
        }
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
     */
    public static KeptSamples fixed(DropPath path, int batch, PhiloxState state) {
        checkBatch(path, batch);
        Objects.requireNonNull(state, "state");
        int count = FixedChoice.count(batch, path.p());
        MemorySegment indices = allocate(count);
        new FixedChoice(batch, count, state).write(0, indices, 0, 0);
        boolean scaled = path.scaling() == Scaling.IN_TRAINING && count > 0;
        return new KeptSamples(
                indices, batch, scaled ? (double) batch / count : 1.0, path.execution());
    }

    /**
     * Samples that the caller chose.
     *
     * @param batch number of samples in all, at least 0
     * @param scale factor of the branch's output
     * @param indices which samples are kept, in the order in which they are gathered, each once
     * @return the kept samples
     */
    public static KeptSamples of(int batch, double scale, long... indices) {
        checkBatch(batch);
        long[] copy = Objects.requireNonNull(indices, "indices").clone();
        Rows.checkDistinct(copy, 0, copy.length, batch, -1);
        MemorySegment places = allocate(copy.length).copyFrom(MemorySegment.ofArray(copy));
        return new KeptSamples(places, batch, scale, Execution.automatic());
    }

    /**
     * The same samples, moved elsewhere.
     *
     * @param execution where and on which threads
     * @return a new object
     */
    public KeptSamples with(Execution execution) {
        return new KeptSamples(indices, batch, scale, execution);
    }

    /** {@return the number of kept samples: the first extent of what the branch computes} */
    public int count() {
        return (int) (indices.byteSize() / Long.BYTES);
    }

    /** {@return the number of samples in all} */
    public long batch() {
        return batch;
    }

    /** {@return the kept samples in the order in which they are gathered, in a new array} */
    public long[] indices() {
        return indices.toArray(INDEX);
    }

    /**
     * {@return the factor of the branch's output; rounded once to the compute type when it is
     * used}
     */
    public double scale() {
        return scale;
    }

    /**
     * Copies the kept samples.
     *
     * @param x all samples
     * @param rows receives the kept ones: {@link #count()} entries of x's
     */
    public void gather(Tensor x, Tensor rows) {
        check("x", x, "rows", rows, rows);
        Rows.move(execution, RowMove.GATHER, 1.0, indices, x, rows);
    }

    /**
     * The gradient of {@link #gather}, added to a gradient that is there: {@code dx[i_j] +=
     * drows[j]}.
     *
     * @param drows gradient of the gathered samples
     * @param dx gradient of all samples, which is added to
     */
    public void gatherBackward(Tensor drows, Tensor dx) {
        check("dx", dx, "drows", drows, dx);
        Rows.move(execution, RowMove.SCATTER_ADD, 1.0, indices, drows, dx);
    }

    /**
     * Adds the branch's output to the residual, {@code residual[i_j] += branch[j] * scale},
     * computed in float32, or float64 for float64, and rounded once to the tensors' type. Other
     * samples are not touched.
     *
     * @param branch the branch's output for the kept samples
     * @param residual all samples, which are added to
     */
    public void scatterAdd(Tensor branch, Tensor residual) {
        check("residual", residual, "branch", branch, residual);
        Rows.move(execution, RowMove.SCATTER_ADD, scale, indices, branch, residual);
    }

    /**
     * The gradient of {@link #scatterAdd}: {@code dbranch[j] = dy[i_j] * scale}. The residual's
     * gradient is dy itself.
     *
     * @param dy gradient of the sum
     * @param dbranch receives the gradient of the branch's output
     */
    public void scatterAddBackward(Tensor dy, Tensor dbranch) {
        check("dy", dy, "dbranch", dbranch, dbranch);
        Rows.move(execution, RowMove.GATHER, scale, indices, dy, dbranch);
    }

    private void check(String allName, Tensor all, String someName, Tensor some, Tensor out) {
        Objects.requireNonNull(all, allName);
        Objects.requireNonNull(some, someName);
        if (all.rank() == 0 || all.extent(0) != batch) {
            throw new IllegalArgumentException(
                    allName + " has shape " + Arrays.toString(all.shape())
                            + ", its first extent has to be the batch's " + batch);
        }
        long[] shape = all.shape();
        shape[0] = count();
        Rows.check(execution, allName, all, someName, some, shape, out);
    }

    /** A stored mask that has to decide on some samples. */
    private static void check(Mask stored, int samples, long start) {
        Checks.accessible(stored.address());
        if (samples > stored.units()) {
            throw new IllegalArgumentException(
                    "mask has " + stored.units() + " units, needed are at least " + samples);
        }
        if (start < 0 || start > stored.units() - samples) {
            throw new IllegalArgumentException(
                    "start is " + start + ", for " + samples + " samples of a mask of "
                            + stored.units() + " allowed are 0 to " + (stored.units() - samples));
        }
    }

    private static void checkBatch(DropPath path, int batch) {
        Objects.requireNonNull(path, "path");
        checkBatch(batch);
    }

    private static void checkBatch(int batch) {
        if (batch < 0) {
            throw new IllegalArgumentException("batch is " + batch + ", allowed are 0 to 2^31 - 1");
        }
    }

    /** How many of how many, and the scale. */
    @Override
    public String toString() {
        return "KeptSamples[" + count() + " of " + batch + ", scale=" + scale + "]";
    }
}
