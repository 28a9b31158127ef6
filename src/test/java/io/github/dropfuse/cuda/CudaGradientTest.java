package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaResidualTest.onReference;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Scaling;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device gives the reference's bits for the gradients of a bias and of γ, which are sums. */
@CudaTest
class CudaGradientTest {
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEF0L, 1L << 33);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    @ParameterizedTest
    @EnumSource(DType.class)
    void gradients(DType dtype) {
        for (long[] shape : new long[][] {
            {1, 1}, {63, 3}, {64, 16}, {65, 64}, {129, 31}, {3, 100, 33}, {5, 77, 256}, {2, 1100, 8},
            {0, 5}, {3000, 5}, {70, 1000}
        }) {
            for (double p : new double[] {0, 0.4, 1}) {
                for (long start : new long[] {0, 509, 1L << 40}) {
                    DropoutAdd elements = new DropoutAdd(new Dropout(p));
                    sums(
                            dtype, shape, elements::biasGradient,
                            onReference(elements)::biasGradient, STATE, STATE, start,
                            elements.toString());
                    for (DropPath.Mode mode : DropPath.Mode.values()) {
                        DropPathAdd samples =
                                new DropPathAdd(new DropPath(p, mode, Scaling.IN_TRAINING));
                        Tensor x = Device.values(dtype, 7, shape);
                        try (Arena arena = Arena.ofConfined()) {
                            Tensor farX = Device.upload(arena, x);
                            sums(
                                    dtype, shape,
                                    (dy, sums, source, from) ->
                                            samples.gammaGradient(dy, farX, sums, source, from),
                                    (dy, sums, source, from) ->
                                            onReference(samples)
                                                    .gammaGradient(dy, x, sums, source, from),
                                    STATE, STATE, start, samples.toString());
                        }
                    }
                }
            }
        }
    }

    @FunctionalInterface
    private interface Gradient {
        void run(Tensor dy, Tensor sums, MaskSource source, long start);
    }

    private static void sums(
            DType dtype, long[] shape, Gradient cuda, Gradient reference, MaskSource near,
            MaskSource far, long start, String what) {
        Tensor dy = plain(dtype, 6, shape);
        long length = shape[shape.length - 1];
        Tensor wanted = Device.values(dtype, 8, length);
        reference.run(dy, wanted, near, start);
        try (Arena arena = Arena.ofConfined()) {
            Tensor out = Device.upload(arena, Device.values(dtype, 9, length));
            cuda.run(Device.upload(arena, dy), out, far, start);
            Patterns.assertEqual(
                    dtype, wanted.segment(), Device.download(out),
                    what + " gradient of " + dy + " from " + start);
        }
    }

    /** Numbers whose sums are numbers, but for the last column's. */
    private static Tensor plain(DType dtype, long seed, long... shape) {
        Tensor tensor = Device.values(dtype, seed, shape);
        long length = shape[shape.length - 1];
        for (long e = 0; e < tensor.size(); e++) {
            if (e % length != length - 1 || length == 1) {
                tensor.set(e, (e * 7919 % 2003 - 1001) * 0.37);
            }
        }
        return tensor;
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void gradientsOfStoredMasks(DType dtype) {
        DropoutAdd elements = new DropoutAdd(new Dropout(0.4));
        try (Arena arena = Arena.ofConfined()) {
            Mask near = Mask.allocate(arena, 24_000);
            Masks.draw(near, 0.4, STATE, 5, REFERENCE);
            Mask far = Device.first().allocateMask(arena, 24_000);
            far.copyFrom(near);
            for (long[] shape : new long[][] {{63, 3}, {65, 64}, {300, 33}, {70, 256}}) {
                for (long start : new long[] {0, 8, 9}) {
                    sums(
                            dtype, shape, elements::biasGradient,
                            onReference(elements)::biasGradient, near, far, start, "stored");
                }
            }
        }
    }
}
