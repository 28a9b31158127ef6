package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * Layers that combine a branch with a vector over its last dimension, drop units of it, and add it
 * to a residual. As {@link Layer}s they have no vector, and the residual is in {@code y}.
 */
abstract sealed class ResidualLayer implements Layer permits DropoutAdd, DropPathAdd {
    private final ScaledDropout inner;
    private final String vectorName;
    private final Effect training;
    private final Effect trainingWithVector;
    private final Effect inference;
    private final Effect inferenceWithVector;

    ResidualLayer(
            ScaledDropout inner, String innerName, String vectorName, Effect.Form withVector) {
        Objects.requireNonNull(inner, innerName);
        Effect kept = Effect.drop(0, inner.inference().scale());
        this.inner = inner;
        this.vectorName = vectorName;
        this.training = inner.training().as(Effect.Form.BRANCH);
        this.trainingWithVector = inner.training().as(withVector);
        this.inference = kept.as(Effect.Form.BRANCH);
        this.inferenceWithVector = kept.as(withVector);
    }

    @Override
    public final long units(Tensor x) {
        return inner.units(x);
    }

    @Override
    public final Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        return inner.mask(arena, x, source, shard);
    }

    /** Adds to the residual in {@code y}. */
    @Override
    public final void forward(Tensor x, Tensor y, MaskSource source, Shard shard) {
        Checks.pair("x", x, "y", y);
        forward(x, null, y, y, source, shard);
    }

    @Override
    public final void backward(Tensor dy, Tensor dx, MaskSource source, Shard shard) {
        inner.backward(dy, dx, Checks.decides(this, source), shard);
    }

    /** Adds to the residual in {@code y}. */
    @Override
    public final void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        infer(x, null, y, y);
    }

    @Override
    public final Execution execution() {
        return inner.execution();
    }

    /**
     * Training without a bias or γ.
     *
     * @param x the branch
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     */
    public final void forward(Tensor x, Tensor residual, Tensor out, MaskSource source) {
        forward(x, null, residual, out, source, Shard.WHOLE);
    }

    /**
     * Training without a bias or γ on entries of a larger tensor.
     *
     * @param x the branch
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param start index of the first entry, unsigned
     */
    public final void forward(
            Tensor x, Tensor residual, Tensor out, MaskSource source, long start) {
        forward(x, null, residual, out, source, Shard.startingAt(start));
    }

    /**
     * Training without a bias or γ on a shard.
     *
     * @param x the branch
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param shard where the tensors lie in larger ones
     */
    public final void forward(
            Tensor x, Tensor residual, Tensor out, MaskSource source, Shard shard) {
        forward(x, null, residual, out, source, shard);
    }

    /**
     * Training.
     *
     * @param x the branch
     * @param vector the bias or γ, with as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     */
    public final void forward(
            Tensor x, Tensor vector, Tensor residual, Tensor out, MaskSource source) {
        forward(x, vector, residual, out, source, Shard.WHOLE);
    }

    /**
     * Training on entries of a larger tensor.
     *
     * @param x the branch
     * @param vector the bias or γ, with as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param start index of the first entry, unsigned
     */
    public final void forward(
            Tensor x, Tensor vector, Tensor residual, Tensor out, MaskSource source, long start) {
        forward(x, vector, residual, out, source, Shard.startingAt(start));
    }

    /**
     * Training on a shard.
     *
     * @param x the branch
     * @param vector the bias or γ, with as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     * @param source what decides
     * @param shard where the tensors lie in larger ones
     */
    public final void forward(
            Tensor x, Tensor vector, Tensor residual, Tensor out, MaskSource source, Shard shard) {
        checkTensors(x, vector, residual, out);
        Effect effect = vector == null ? training : trainingWithVector;
        branch(effect, x, vector, residual, out, source, shard);
    }

    /**
     * Inference without a bias or γ: nothing is dropped.
     *
     * @param x the branch
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     */
    public final void infer(Tensor x, Tensor residual, Tensor out) {
        infer(x, null, residual, out);
    }

    /**
     * Inference: nothing is dropped.
     *
     * @param x the branch
     * @param vector the bias or γ, with as many elements as x's last dimension; null for none
     * @param residual what is added to, of x's shape
     * @param out output of the same shape; may be the residual, or x
     */
    public final void infer(Tensor x, Tensor vector, Tensor residual, Tensor out) {
        checkTensors(x, vector, residual, out);
        inner.layout("x", x, ElementwiseLayer.NOTHING, Shard.WHOLE, "out", out);
        Effect effect = vector == null ? inference : inferenceWithVector;
        Execution here = placed(x, vector, residual, out, null);
        KernelCalls.apply(
                here, effect, ElementwiseLayer.NOTHING, Layout.ELEMENTS, x, vector, residual, out);
    }

    private void checkTensors(Tensor x, Tensor vector, Tensor residual, Tensor out) {
        Checks.pair("x", x, "out", out);
        Checks.pair("residual", residual, "out", out);
        if (vector != null) {
            Checks.vector(vectorName, vector, "x", x, "out", out);
        }
    }

    /** The gradient of a branch with a vector: without a residual. */
    final void branchGradient(
            Tensor dy, Tensor vector, Tensor dx, MaskSource source, Shard shard) {
        Checks.pair("dy", dy, "dx", dx);
        Checks.vector(vectorName, vector, "dy", dy, "dx", dx);
        branch(trainingWithVector, dy, vector, null, dx, source, shard);
    }

    private void branch(
            Effect effect,
            Tensor x,
            Tensor vector,
            Tensor residual,
            Tensor out,
            MaskSource source,
            Shard shard) {
        boolean forward = residual != null;
        String outName = forward ? "out" : "dx";
        Layout layout = inner.layout(forward ? "x" : "dy", x, Checks.decides(this, source), shard, outName, out);
        Execution here = placed(x, vector, residual, out, source);
        KernelCalls.apply(here, effect, source, layout, x, vector, residual, out);
    }

    private Execution placed(
            Tensor x, Tensor vector, Tensor residual, Tensor out, MaskSource source) {
        Execution here = execution().at(x, out);
        boolean forward = residual != null;
        Kernels kernels = here.kernels();
        Checks.placed(kernels, vectorName, vector);
        Checks.placed(kernels, "residual", residual);
        Checks.placed(kernels, forward ? "x" : "dy", x, forward ? "out" : "dx", out, source);
        return here;
    }

    /**
     * The gradient of the vector, which is the sum of {@code keep ? (dy * scale) * x : 0} over all
     * rows of the last dimension, or where x is null of {@code keep ? dy * scale : 0}.
     */
    final void vectorGradient(
            Tensor dy, Tensor x, String outName, Tensor out, MaskSource source, Shard shard) {
        Checks.accessible(Objects.requireNonNull(dy, "dy").address());
        Checks.vector(outName, Objects.requireNonNull(out, outName), "dy", dy, "dy", dy);
        Checks.writable(outName, out.address());
        if (x != null) {
            Checks.alike("x", x, "dy", dy);
            Checks.accessible(x.address());
            Checks.apart("x", x, outName, out);
        }
        Layout layout = inner.layout("dy", dy, Checks.decides(this, source), shard, outName, out);
        Execution here = execution().at(dy, out);
        Checks.placed(here.kernels(), "x", x);
        Checks.placed(here.kernels(), "dy", dy, outName, out, source);
        if (layout.isOnePart()) {
            KernelCalls.sums(here, inner.training(), source, layout, dy, x, out);
            return;
        }
        // The blocks of rows that are summed know nothing of parts: the shard's own mask has one.
        try (Arena arena = KernelCalls.scratchArena(true)) {
            ShardLayout at = inner.at("dy", dy, shard);
            Mask mask = Masks.scratch(arena, here.kernels().place(), at.count());
            KernelCalls.mask(here, inner.p(), source, at.ofMask(), mask);
            Layout alone = at.alone().layout();
            KernelCalls.sums(here, inner.training(), mask, alone, dy, x, out);
        }
    }

    /** Name, and the layer in the middle. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + inner + "]";
    }
}
