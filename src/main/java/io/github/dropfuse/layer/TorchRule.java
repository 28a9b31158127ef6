package io.github.dropfuse.layer;

import io.github.dropfuse.DType;
import io.github.dropfuse.TorchStream;
import java.util.function.LongPredicate;

/**
 * What a stream of PyTorch does for one p and type, in numbers: a unit takes some outputs, of whose
 * joint low {@code bits} it depends whether it is kept, at or above a threshold or else below it;
 * and {@code y = (x / divisor) * (kept ? factor : 0)}.
 */
record TorchRule(
        int outputs, int bits, long threshold, boolean above, double divisor, double factor) {

    /** Whether the stream draws anything for such a p. */
    static boolean draws(TorchStream stream, double p) {
        return stream.outputs(DType.FLOAT32, p) > 0;
    }

    static TorchRule of(TorchStream stream, DType dtype, double p, boolean scaled) {
        int outputs = stream.outputs(dtype, p);
        double keep = 1.0 - p;
        double compute = dtype == DType.FLOAT64 ? keep : (float) keep;
        double divisor = scaled && p < 1 ? compute : 1.0;
        if (stream == TorchStream.DROPOUT) {
            long threshold = (long) Math.ceil(keep * 0x1p53);
            return new TorchRule(outputs, 53, threshold, false, 1.0, quotient(dtype, 1.0, divisor));
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
        return new TorchRule(outputs, bits, threshold, true, divisor, 1.0);
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
