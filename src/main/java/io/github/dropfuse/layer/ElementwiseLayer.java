package io.github.dropfuse.layer;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * Layers that compute each element of the output from that of the input and from its unit's
 * decision. They differ in their units, and in what becomes of kept and dropped elements.
 */
abstract sealed class ElementwiseLayer implements Layer
        permits ScaledDropout, AlphaDropout, DropBlock, GaussianLayer {
    /** Decides nothing: where an effect keeps or drops every unit. */
    static final PhiloxState NOTHING = new PhiloxState(0, 0);

    private final Units units;
    private final Effect training;
    private final Effect gradient;
    private final Effect inference;
    private final Execution execution;

    /** The layout of the last call, which the next one often has too. */
    private volatile ShardLayout latest;

    ElementwiseLayer(
            Units units,
            Effect training,
            Effect gradient,
            Effect inference,
            Execution execution) {
        this.units = Objects.requireNonNull(units, "units");
        this.training = training;
        this.gradient = gradient;
        this.inference = inference;
        this.execution = Objects.requireNonNull(execution, "execution");
    }

    @Override
    public long units(Tensor x) {
        return at("x", Objects.requireNonNull(x, "x"), Shard.WHOLE).count();
    }

    @Override
    public Mask mask(Arena arena, Tensor x, MaskSource source, Shard shard) {
        Objects.requireNonNull(arena, "arena");
        ShardLayout at = at("x", Objects.requireNonNull(x, "x"), shard);
        at.check(Objects.requireNonNull(source, "source"), null, null);
        Execution here = execution.at(x.location());
        if (source instanceof Mask mask) {
            Checks.placed(here.kernels(), "mask", mask.location());
        } else if (source instanceof TorchCall call) {
            return torchMask(arena, here, call, x);
        }
        Mask mask = Masks.allocate(arena, here.kernels().place(), at.count());
        KernelCalls.mask(here, training.p(), source, at.ofMask(), mask);
        return mask;
    }

    @Override
    public final void forward(Tensor x, Tensor y, MaskSource source, Shard shard) {
        Checks.pair("x", x, "y", y);
        apply(training, "x", x, "y", y, source, shard);
    }

    @Override
    public final void backward(Tensor dy, Tensor dx, MaskSource source, Shard shard) {
        Checks.pair("dy", dy, "dx", dx);
        apply(gradient, "dy", dy, "dx", dx, source, shard);
    }

    @Override
    public final void infer(Tensor x, Tensor y) {
        Checks.pair("x", x, "y", y);
        layout("x", x, NOTHING, Shard.WHOLE, "y", y);
        Execution here = execution.at(x, y);
        Checks.placed(here.kernels(), "x", x, "y", y, null);
        KernelCalls.apply(here, inference, NOTHING, Layout.ELEMENTS, x, null, null, y);
    }

    @Override
    public final Execution execution() {
        return execution;
    }

    /** Computes an effect on tensors that fit together. */
    void apply(
            Effect effect,
            String inName,
            Tensor x,
            String outName,
            Tensor y,
            MaskSource source,
            Shard shard) {
        Objects.requireNonNull(source, "source");
        Layout layout = layout(inName, x, source, shard, outName, y);
        Execution here = execution.at(x, y);
        Checks.placed(here.kernels(), inName, x, outName, y, source);
        if (source instanceof TorchCall call) {
            torch(here, call, x, y, layout);
        } else {
            KernelCalls.apply(here, effect, source, layout, x, null, null, y);
        }
    }

    /** Computes in PyTorch's way, in layers that have it. */
    void torch(Execution here, TorchCall call, Tensor x, Tensor y, Layout layout) {
        throw Checks.refused(this, call);
    }

    /** Draws PyTorch's mask, in layers that have it. */
    Mask torchMask(Arena arena, Execution here, TorchCall call, Tensor x) {
        throw Checks.refused(this, call);
    }

    /** The units of a tensor's elements, for a source that has been checked to decide on them. */
    final Layout layout(
            String name, Tensor x, MaskSource source, Shard shard, String outName, Tensor out) {
        if (units == Units.elements() && shard == Shard.WHOLE) {
            if (source instanceof Mask mask) {
                Checks.mask(mask, x.size(), outName, out);
            }
            return Layout.ELEMENTS;
        }
        ShardLayout at = at(name, x, shard);
        at.check(source, outName, out);
        return at.layout();
    }

    final ShardLayout at(String name, Tensor x, Shard shard) {
        Objects.requireNonNull(shard, "shard");
        ShardLayout at = latest;
        if (at == null || !at.fits(x, shard)) {
            at = new ShardLayout(name, x.shape(), units, shard);
            latest = at;
        }
        return at;
    }

    final Units units() {
        return units;
    }

    final Effect training() {
        return training;
    }

    final Effect inference() {
        return inference;
    }
}
