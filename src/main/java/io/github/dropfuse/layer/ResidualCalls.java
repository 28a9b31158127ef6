package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Splitter;
import io.github.dropfuse.kernel.VectorUse;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What {@link DropoutAdd} and {@link DropPathAdd} have in common. */
final class ResidualCalls {
    /** The smallest piece of a sum that is worth a thread, in elements. */
    private static final long SUM_GRAIN = 1 << 17;

    private ResidualCalls() {}

    static void checkTensors(
            Tensor x, String vectorName, Tensor vector, Tensor residual, Tensor out) {
        Checks.pair("x", x, "out", out);
        Checks.pair("residual", residual, "out", out);
        if (vector != null) {
            Checks.vector(vectorName, vector, "x", x, "out", out);
        }
    }

    static void checkSums(String outName, Tensor out, Tensor dy, Tensor x) {
        Checks.accessible(dy.address());
        Checks.vector(outName, out, "dy", dy, "dy", dy);
        Checks.writable(outName, out.address());
        if (x != null) {
            Checks.alike("x", x, "dy", dy);
            Checks.accessible(x.address());
            Checks.apart("x", x, outName, out);
        }
    }

    /** Training, with a residual or where that is null without. */
    static void forward(
            ScaledDropout layer,
            Tensor x,
            VectorUse use,
            Tensor vector,
            Tensor residual,
            Tensor out,
            MaskSource source,
            long start) {
        Units units = layer.units();
        double scale = layer.trainingScale();
        units.check("x", x);
        String vectorName = use == VectorUse.ADD ? "bias" : "gamma";
        placed(layer.execution(), "x", x, vectorName, vector, residual, "out", out, source);
        switch (source) {
            case PhiloxState state -> {
                Checks.unitRange(start, units.count(x));
                run(layer.execution(), units, x, use, vector, residual, out, MemorySegment.NULL,
                        layer.p(), state.seed(), state.offset(), start, scale);
            }
            case Mask mask -> {
                Checks.mask(mask, start, units.count(x), "out", out);
                run(layer.execution(), units, x, use, vector, residual, out, mask.address(), 0, 0,
                        0, start, scale);
            }
        }
    }

    static void infer(
            ScaledDropout layer,
            Tensor x,
            VectorUse use,
            Tensor vector,
            Tensor residual,
            Tensor out) {
        String vectorName = use == VectorUse.ADD ? "bias" : "gamma";
        placed(layer.execution(), "x", x, vectorName, vector, residual, "out", out, null);
        run(layer.execution(), Units.elements(), x, use, vector, residual, out,
                MemorySegment.NULL, 0, 0, 0, 0, layer.inferenceScale());
    }

    private static void placed(
            Execution execution,
            String inName,
            Tensor in,
            String secondName,
            Tensor second,
            Tensor residual,
            String outName,
            Tensor out,
            MaskSource source) {
        Kernels kernels = execution.at(out.location()).kernels();
        Checks.placed(kernels, inName, in);
        Checks.placed(kernels, secondName, second);
        Checks.placed(kernels, "residual", residual);
        Checks.placed(kernels, outName, out);
        if (source instanceof Mask mask) {
            Checks.placed(kernels, "mask", mask.location());
        }
    }

    private static void run(
            Execution execution,
            Units units,
            Tensor x,
            VectorUse wanted,
            Tensor vectorTensor,
            Tensor residualTensor,
            Tensor out,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start,
            double scale) {
        long size = x.size();
        if (size == 0) {
            return;
        }
        boolean added = residualTensor != null;
        VectorUse use = vectorTensor == null ? VectorUse.NONE : wanted;
        MemorySegment vector =
                vectorTensor == null ? MemorySegment.NULL : vectorTensor.address();
        MemorySegment residual = added ? residualTensor.address() : MemorySegment.NULL;
        Execution here = execution.at(out.location());
        Kernels kernels = here.kernels();
        DType dtype = x.dtype();
        long length = vectorTensor == null ? 1 : vectorTensor.size();
        long run = units.run(x);
        if (Pieces.single(here, units, x)) {
            kernels.residual(
                    dtype, x.address(), use, vector, length, residual, out.address(), 0, size, run,
                    1, 1, mask, p, seed, offset, start, scale);
            return;
        }
        Pieces.of(here, units, x, start)
                .tensors(x, added ? residualTensor : x, out)
                .shared(vector, mask)
                .run(
                        (tensors, shared, first, count, unit) ->
                                kernels.residual(
                                        dtype, tensors[0], use, shared[0], length,
                                        added ? tensors[1] : MemorySegment.NULL, tensors[2], first,
                                        count, run, 1, 1, shared[1], p, seed, offset, unit,
                                        scale));
    }

    /** Sums over rows, of dy, or where x is not null of their product. */
    static void sums(
            ScaledDropout layer,
            Tensor dy,
            Tensor x,
            String outName,
            Tensor out,
            MaskSource source,
            long start) {
        Units units = layer.units();
        units.check("dy", dy);
        placed(layer.execution(), "dy", dy, "x", x, null, outName, out, source);
        switch (source) {
            case PhiloxState state -> {
                Checks.unitRange(start, units.count(dy));
                sums(layer, dy, x, out, MemorySegment.NULL, layer.p(), state.seed(),
                        state.offset(), start);
            }
            case Mask mask -> {
                Checks.mask(mask, start, units.count(dy), outName, out);
                sums(layer, dy, x, out, mask.address(), 0, 0, 0, start);
            }
        }
    }

    private static void sums(
            ScaledDropout layer,
            Tensor dy,
            Tensor x,
            Tensor out,
            MemorySegment mask,
            double p,
            long seed,
            long offset,
            long start) {
        long length = out.size();
        if (length == 0) {
            return;
        }
        Execution here = layer.execution().at(out.location());
        Kernels kernels = here.kernels();
        Splitter splitter = here.splitter();
        DType dtype = dy.dtype();
        long block = Kernels.SUM_ROWS * length;
        long blocks = dy.size() / block + (dy.size() % block == 0 ? 0 : 1);
        long grain = Math.max(1, SUM_GRAIN / block);
        boolean split = splitter.splits(blocks, grain);
        double scale = layer.trainingScale();
        try (Arena arena = split ? Arena.ofShared() : Arena.ofConfined()) {
            int totalSize = dtype.computesIn().byteSize();
            MemorySegment sums = kernels.scratch(arena, blocks * length * totalSize);
            if (dy.size() > 0) {
                long run = layer.units().run(dy);
                MemorySegment second = x == null ? MemorySegment.NULL : x.address();
                MemorySegment[] all = {dy.address(), second, mask};
                MemorySegment[] shared = split ? Pieces.shareable(kernels, all) : null;
                MemorySegment[] in = shared == null ? all : shared;
                Splitter.Body body =
                        (from, count) -> {
                            long first = from * block;
                            long elements = Math.min(count * block, dy.size() - first);
                            kernels.sumRows(
                                    dtype, in[0], in[1], sums, first, elements, length, run, 1, 1,
                                    in[2], p, seed, offset, start, scale);
                        };
                if (shared == null) {
                    body.run(0, blocks);
                } else {
                    splitter.run(blocks, 1, grain, body);
                }
            }
            kernels.sumTree(dtype, sums, blocks, length, out.address());
        }
    }
}
