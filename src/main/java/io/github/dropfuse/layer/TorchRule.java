package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MersenneTwister;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.kernel.Effect;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Layout;
import io.github.dropfuse.kernel.Range;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongPredicate;

/**
 * What a stream of PyTorch does for one p and type, in numbers. A unit takes some outputs, one or
 * two. The outputs' low bits, against a threshold, decide: a unit is kept at or above it, or else
 * below.
 *
 * @param outputs of the generator per unit; 0 where p alone decides
 * @param bits how many low bits are compared
 * @param threshold what they are compared with
 * @param above whether units are kept at or above the threshold
 * @param effect how the mask is multiplied with; its p is the layer's
 */
record TorchRule(int outputs, int bits, long threshold, boolean above, Effect effect) {

    static TorchRule of(TorchStream stream, DType dtype, double p, boolean scaled) {
        int outputs = stream.outputs(dtype, p);
        double keep = 1.0 - p;
        double compute = dtype == DType.FLOAT64 ? keep : (float) keep;
        double divisor = scaled && p < 1 ? compute : 1.0;
        if (stream == TorchStream.DROPOUT) {
            long threshold = (long) Math.ceil(keep * 0x1p53);
            double factor = quotient(dtype, 1.0, divisor);
            Effect effect = p == 0 ? Effect.IDENTITY : product(p, factor, 1.0);
            return new TorchRule(outputs, 53, threshold, false, effect);
        }
        int bits =
                switch (dtype) {
                    case FLOAT64 -> 53;
                    case FLOAT32 -> 24;
                    case FLOAT16 -> 11;
                    case BFLOAT16 -> 8;
                };
        double step = Math.scalb(1.0, -bits);
        long threshold = least(1L << bits, value -> sum(dtype, compute, value * step) >= 1.0);
        return new TorchRule(outputs, bits, threshold, true, product(p, 1.0, divisor));
    }

    private static Effect product(double p, double factor, double divisor) {
        return new Effect(Effect.Form.PRODUCT, p, factor, divisor, 0);
    }

    /** Draws a call's mask into host memory. */
    void draw(Kernels host, TorchCall call, Mask mask) {
        call.draw(state -> outputs == 0 ? state : drawn(host, state, mask));
        if (outputs == 0) {
            host.mask(
                    effect.p(), ElementwiseLayer.NOTHING, Layout.ELEMENTS, mask, Range.ALL);
        }
    }

    private TorchState drawn(Kernels host, TorchState state, Mask mask) {
        try (Arena arena = Arena.ofConfined()) {
            int[] words = state.words();
            MemorySegment moving = arena.allocate(ValueLayout.JAVA_INT, words.length + 1);
            MemorySegment.copy(words, 0, moving, ValueLayout.JAVA_INT, 0, words.length);
            moving.setAtIndex(ValueLayout.JAVA_INT, words.length, state.used());
            host.mersenneMask(moving, outputs, bits, threshold, above, mask);
            MemorySegment.copy(moving, ValueLayout.JAVA_INT, 0, words, 0, words.length);
            return TorchState.of(
                    words, moving.getAtIndex(ValueLayout.JAVA_INT, MersenneTwister.WORDS));
        }
    }

    /** The least value below a bound that is accepted, as all above it are; or else the bound. */
    private static long least(long bound, LongPredicate accepted) {
        long from = 0;
        long to = bound;
        while (from < to) {
            long middle = from + (to - from) / 2;
            if (accepted.test(middle)) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    private static double sum(DType dtype, double a, double b) {
        return rounded(dtype, dtype == DType.FLOAT64 ? a + b : (float) a + (float) b);
    }

    private static double quotient(DType dtype, double a, double b) {
        return rounded(dtype, dtype == DType.FLOAT64 ? a / b : (float) a / (float) b);
    }

    private static double rounded(DType dtype, double value) {
        return switch (dtype) {
            case FLOAT64 -> value;
            case FLOAT32 -> (float) value;
            case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
            case BFLOAT16 -> DType.bfloat16ToFloat(DType.floatToBfloat16((float) value));
        };
    }
}
