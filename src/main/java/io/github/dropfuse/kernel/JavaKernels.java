package io.github.dropfuse.kernel;

import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The primitives in Java that the compiler turns into vector instructions, for machines without the
 * native library: masks, and all effects but noise. The reference computes the others.
 */
public final class JavaKernels implements Kernels {
    /** The one instance; it has no state. */
    public static final JavaKernels INSTANCE = new JavaKernels();

    /** What it leaves to the reference, in words. */
    public static final List<String> LEFT_TO_REFERENCE =
            List.of(
                    "noise", "gradients of vectors", "moved rows", "blocks of DropBlock",
                    "PyTorch's masks");

    private static final Place PLACE = new HostPlace("java", "jit", false);
    private static final Kernels OTHERS = ReferenceKernels.INSTANCE;

    private JavaKernels() {}

    /** Whether it can run here: it takes memory's order to be that of little-endian machines. */
    static boolean isAvailable() {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    @Override
    public Place place() {
        return PLACE;
    }

    @Override
    public void mask(double p, MaskSource source, Layout layout, Mask mask, Range range) {
        try (JavaWorkspace workspace = JavaWorkspace.take()) {
            workspace.mask(p, source, layout, mask, range);
        }
    }

    @Override
    public void apply(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor x,
            Tensor vector,
            Tensor second,
            Tensor y,
            Range range) {
        switch (effect.form()) {
            case ADDED_NOISE, MULTIPLIED_NOISE ->
                    OTHERS.apply(effect, source, layout, x, vector, second, y, range);
            default -> {
                try (JavaWorkspace workspace = JavaWorkspace.take()) {
                    workspace.apply(effect, source, layout, x, vector, second, y, range);
                }
            }
        }
    }

    @Override
    public void sumRows(
            Effect effect,
            MaskSource source,
            Layout layout,
            Tensor dy,
            Tensor x,
            Tensor sums,
            Range range) {
        OTHERS.sumRows(effect, source, layout, dy, x, sums, range);
    }

    @Override
    public void sumTree(Tensor sums, Tensor y) {
        OTHERS.sumTree(sums, y);
    }

    @Override
    public void mersenneMask(
            MemorySegment state, int outputs, int bits, long threshold, boolean above, Mask mask) {
        OTHERS.mersenneMask(state, outputs, bits, threshold, above, mask);
    }

    @Override
    public void rows(
            RowMove move, double scale, MemorySegment indices, Tensor x, Tensor y, Range range) {
        OTHERS.rows(move, scale, indices, x, y, range);
    }

    @Override
    public void blocks(BlockShape shape, MemorySegment centres, Mask mask, Range range) {
        OTHERS.blocks(shape, centres, mask, range);
    }
}
