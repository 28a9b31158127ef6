package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gradients of bias and γ: sums over rows in the documented order, bit for bit. */
class VectorGradientTest {
    private static final PhiloxState STATE = new PhiloxState(2, 5);
    private static final int[] ROWS = {0, 1, 2, 63, 64, 65, 127, 128, 129, 193, 320, 1000};
    private static final int[] COLUMNS = {1, 3, 16, 31, 33, 64, 100};

    @ParameterizedTest
    @EnumSource(DType.class)
    void equalTheDocumentedOrder(DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            for (int rows : ROWS) {
                for (int columns : COLUMNS) {
                    Tensor dy = Samples.plain(arena, dtype, 1, rows, columns);
                    Tensor x = Samples.plain(arena, dtype, 2, rows, columns);
                    for (double p : new double[] {0, 0.4, 1}) {
                        check(arena, p, dy, x, 509);
                    }
                }
            }
        }
    }

    private static void check(Arena arena, double p, Tensor dy, Tensor x, long start) {
        Execution reference = Execution.automatic().on(Backends.reference());
        Mask elements = new Dropout(p).with(reference).mask(arena, dy, STATE, start);
        Mask samples = new DropPath(p).with(reference).mask(arena, dy, STATE, start);
        long columns = dy.extent(1);
        Tensor bias = Samples.empty(arena, dy.dtype(), columns);
        Tensor gamma = Samples.empty(arena, dy.dtype(), columns);
        for (long c = 0; c < columns; c++) {
            bias.set(c, total(dy, null, elements, 1, p, c));
            gamma.set(c, total(dy, x, samples, columns, p, c));
        }
        for (Backend backend : Backends.all()) {
            Execution on = Execution.automatic().on(backend);
            DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(p).with(on));
            DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(p).with(on));
            String what =
                    backend + " " + dy.dtype() + Arrays.toString(dy.shape()) + " p = " + p;
            for (MaskSource source : new MaskSource[] {STATE, elements}) {
                Tensor sums = Samples.empty(arena, dy.dtype(), columns);
                dropoutAdd.biasGradient(dy, sums, source, source == STATE ? start : 0);
                Samples.same(what + " bias", bias, sums);
            }
            for (MaskSource source : new MaskSource[] {STATE, samples}) {
                Tensor sums = Samples.empty(arena, dy.dtype(), columns);
                dropPathAdd.gammaGradient(dy, x, sums, source, source == STATE ? start : 0);
                Samples.same(what + " gamma", gamma, sums);
            }
        }
    }

    /** The sum of a column: blocks of 64 rows in order, and halves of the blocks recursively. */
    private static double total(Tensor dy, Tensor x, Mask mask, long run, double p, long column) {
        long blocks = (dy.extent(0) + 63) / 64;
        return blocks == 0 ? 0 : tree(dy, x, mask, run, p, column, 0, blocks);
    }

    private static double tree(
            Tensor dy, Tensor x, Mask mask, long run, double p, long column, long from, long to) {
        if (to - from == 1) {
            return block(dy, x, mask, run, p, column, from);
        }
        long half = Long.highestOneBit(to - from - 1);
        double left = tree(dy, x, mask, run, p, column, from, from + half);
        double right = tree(dy, x, mask, run, p, column, from + half, to);
        return dy.dtype() == DType.FLOAT64 ? left + right : (float) left + (float) right;
    }

    private static double block(
            Tensor dy, Tensor x, Mask mask, long run, double p, long column, long block) {
        double sum = 0;
        for (long row = block * 64; row < Math.min(block * 64 + 64, dy.extent(0)); row++) {
            long e = row * dy.extent(1) + column;
            if (!mask.keeps(e / run)) {
                continue;
            }
            if (dy.dtype() == DType.FLOAT64) {
                double term = dy.get(e) * (1 / (1 - p));
                sum += x == null ? term : term * x.get(e);
            } else {
                float term = (float) dy.get(e) * (float) (1 / (1 - p));
                sum = (float) sum + (x == null ? term : term * (float) x.get(e));
            }
        }
        return sum;
    }

    @Test
    void takesRowsOfAllLeadingDimensions() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor dy = Samples.plain(arena, DType.FLOAT32, 1, 5, 13, 7, 20);
            Tensor x = Samples.plain(arena, DType.FLOAT32, 2, 5, 13, 7, 20);
            DropPathAdd layer = new DropPathAdd(new DropPath(0.5));
            Mask samples = layer.dropPath().mask(arena, dy, STATE);
            Tensor expected = Samples.empty(arena, DType.FLOAT32, 20);
            Tensor flat = dy.reshape(5 * 13 * 7, 20);
            for (long c = 0; c < 20; c++) {
                expected.set(
                        c,
                        total(flat, x.reshape(5 * 13 * 7, 20), samples, 13 * 7 * 20, 0.5, c));
            }
            for (Backend backend : Backends.all()) {
                DropPath on = new DropPath(0.5).with(Execution.automatic().on(backend));
                Tensor dgamma = Samples.empty(arena, DType.FLOAT32, 20);
                new DropPathAdd(on).gammaGradient(dy, x, dgamma, STATE);
                Samples.same(backend.toString(), expected, dgamma);
            }
        }
    }

    @Test
    void threadsChangeNothing() {
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            for (long[] shape : new long[][] {{9001, 97}, {200_000, 3}, {70, 9999}}) {
                long columns = shape[1];
                Tensor dy = Samples.plain(arena, DType.BFLOAT16, 1, shape);
                Tensor x = Samples.plain(arena, DType.BFLOAT16, 2, shape);
                Tensor bias = Samples.empty(arena, DType.BFLOAT16, columns);
                Tensor gamma = Samples.empty(arena, DType.BFLOAT16, columns);
                Execution reference = Execution.automatic().on(Backends.reference());
                Dropout dropout = new Dropout(0.3);
                DropPath dropPath = new DropPath(0.3);
                new DropoutAdd(dropout.with(reference)).biasGradient(dy, bias, STATE);
                new DropPathAdd(dropPath.with(reference)).gammaGradient(dy, x, gamma, STATE);
                for (Backend backend : Backends.all()) {
                    for (Execution on :
                            new Execution[] {
                                Execution.automatic().on(backend).sequential(),
                                Execution.automatic().on(backend).over(executor, 3)
                            }) {
                        Tensor sums = Samples.empty(arena, DType.BFLOAT16, columns);
                        new DropoutAdd(dropout.with(on)).biasGradient(dy, sums, STATE);
                        Samples.same(backend + " bias", bias, sums);
                        new DropPathAdd(dropPath.with(on)).gammaGradient(dy, x, sums, STATE);
                        Samples.same(backend + " gamma", gamma, sums);
                    }
                }
            }
        }
    }

    /** Forward is linear in bias and γ, so differences show the gradient with little error. */
    @Test
    void isTheGradientOfFiniteDifferences() {
        double step = 1e-6;
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT64, 1, 30, 10);
            Tensor dy = Samples.plain(arena, DType.FLOAT64, 2, 30, 10);
            Tensor vector = Samples.plain(arena, DType.FLOAT64, 3, 10);
            Tensor residual = Samples.plain(arena, DType.FLOAT64, 4, 30, 10);
            Tensor bias = Samples.empty(arena, DType.FLOAT64, 10);
            Tensor gamma = Samples.empty(arena, DType.FLOAT64, 10);
            DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.4));
            DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(0.4));
            dropoutAdd.biasGradient(dy, bias, STATE);
            dropPathAdd.gammaGradient(dy, x, gamma, STATE);
            Tensor out = Samples.empty(arena, DType.FLOAT64, 30, 10);
            for (long c = 0; c < 10; c++) {
                double[] loss = new double[4];
                for (int side = 0; side < 2; side++) {
                    double before = vector.get(c);
                    vector.set(c, before + (side == 0 ? step : -step));
                    dropoutAdd.forward(x, vector, residual, out, STATE);
                    loss[side] = dot(out, dy);
                    dropPathAdd.forward(x, vector, residual, out, STATE);
                    loss[2 + side] = dot(out, dy);
                    vector.set(c, before);
                }
                double slope = (loss[0] - loss[1]) / (2 * step);
                assertEquals(slope, bias.get(c), 1e-3 * Math.abs(slope), "bias " + c);
                slope = (loss[2] - loss[3]) / (2 * step);
                assertEquals(slope, gamma.get(c), 1e-3 * Math.abs(slope), "gamma " + c);
            }
        }
    }

    /** Dropped infinities and NaNs have no part in a sum. */
    @Test
    void droppedTermsAreNotMultiplied() {
        try (Arena arena = Arena.ofConfined()) {
            for (DType dtype : DType.values()) {
                Tensor dy = Samples.plain(arena, dtype, 1, 200, 33);
                Mask mask = new Dropout(0.5).mask(arena, dy, STATE);
                Tensor spoilt = Samples.copy(arena, dy);
                for (long e = 0; e < dy.size(); e++) {
                    if (!mask.keeps(e)) {
                        spoilt.set(e, e % 3 == 0 ? Double.NaN : Double.POSITIVE_INFINITY);
                    }
                }
                for (Backend backend : Backends.all()) {
                    Execution on = Execution.automatic().on(backend);
                    DropoutAdd layer = new DropoutAdd(new Dropout(0.5).with(on));
                    Tensor expected = Samples.empty(arena, dtype, 33);
                    Tensor actual = Samples.empty(arena, dtype, 33);
                    layer.biasGradient(dy, expected, STATE);
                    layer.biasGradient(spoilt, actual, STATE);
                    Samples.same(backend + " " + dtype, expected, actual);
                }
            }
        }
    }

    private static double dot(Tensor a, Tensor b) {
        double sum = 0;
        for (long e = 0; e < a.size(); e++) {
            sum += a.get(e) * b.get(e);
        }
        return sum;
    }
}
