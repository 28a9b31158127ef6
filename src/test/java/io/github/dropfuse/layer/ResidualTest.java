package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** DropoutAdd and DropPathAdd against their definitions, element by element. */
class ResidualTest {
    private static final PhiloxState STATE = new PhiloxState(0x1234_5678_9ABC_DEFL, 3);
    private static final long[][] SHAPES = {
        {1}, {3, 1}, {40, 3}, {7, 16}, {5, 63}, {5, 4, 64}, {9, 65}, {3, 2, 100}, {2, 5000},
        {33, 130}, {5, 0}, {0, 5}
    };

    /** Where the output goes. */
    private enum Output {
        APART, RESIDUAL, BRANCH
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void equalTheirDefinitions(DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            for (long[] shape : SHAPES) {
                long length = shape[shape.length - 1];
                Tensor x = Samples.any(arena, dtype, 1, shape);
                Tensor vector = Samples.any(arena, dtype, 2, length);
                Tensor residual = Samples.any(arena, dtype, 3, shape);
                for (double p : new double[] {0, 0.3, 1}) {
                    for (Tensor v : new Tensor[] {vector, null}) {
                        new Case(arena, p, x, v, residual).check();
                    }
                }
            }
        }
    }

    private record Case(Arena arena, double p, Tensor x, Tensor vector, Tensor residual) {
        void check() {
            for (long start : new long[] {0, 509}) {
                Mask elements = reference(new Dropout(p)).mask(arena, x, STATE, start);
                Tensor added = expected(elements, x.size(), 1 / (1 - p), false, residual);
                for (DropPath.Mode mode : DropPath.Mode.values()) {
                    DropPath dropPath = new DropPath(p, mode, Scaling.IN_TRAINING);
                    Mask units = reference(dropPath).mask(arena, x, STATE, start);
                    Tensor sum = expected(units, units.units(), 1 / (1 - p), true, residual);
                    Tensor dx = expected(units, units.units(), 1 / (1 - p), true, null);
                    for (Backend backend : Backends.all()) {
                        Execution on = Execution.automatic().on(backend);
                        DropPathAdd layer = new DropPathAdd(dropPath.with(on));
                        dropPathAdd(backend, layer, sum, dx, STATE, start);
                        dropPathAdd(backend, layer, sum, dx, units, 0);
                    }
                }
                for (Backend backend : Backends.all()) {
                    Execution on = Execution.automatic().on(backend);
                    DropoutAdd layer = new DropoutAdd(new Dropout(p).with(on));
                    dropoutAdd(backend, layer, added, STATE, start);
                    dropoutAdd(backend, layer, added, elements, 0);
                }
            }
        }

        private void dropoutAdd(
                Backend backend, DropoutAdd layer, Tensor sum, MaskSource source, long start) {
            for (Output output : Output.values()) {
                Tensor in = Samples.copy(arena, x);
                Tensor r = Samples.copy(arena, residual);
                Tensor out = out(output, in, r);
                layer.forward(in, vector, r, out, source, start);
                Samples.same(what(backend, layer, output), sum, out);
            }
        }

        private void dropPathAdd(
                Backend backend,
                DropPathAdd layer,
                Tensor sum,
                Tensor gradient,
                MaskSource source,
                long start) {
            for (Output output : Output.values()) {
                Tensor in = Samples.copy(arena, x);
                Tensor r = Samples.copy(arena, residual);
                Tensor out = out(output, in, r);
                layer.forward(in, vector, r, out, source, start);
                Samples.same(what(backend, layer, output), sum, out);
            }
            Tensor dx = Samples.empty(arena, x.dtype(), x.shape());
            layer.backward(x, vector, dx, source, start);
            Samples.same(what(backend, layer, Output.APART) + " backward", gradient, dx);
            dx = Samples.copy(arena, x);
            layer.backward(dx, vector, dx, source, start);
            Samples.same(what(backend, layer, Output.BRANCH) + " backward", gradient, dx);
        }

        private Tensor out(Output output, Tensor in, Tensor r) {
            return switch (output) {
                case APART -> Samples.empty(arena, x.dtype(), x.shape());
                case RESIDUAL -> r;
                case BRANCH -> in;
            };
        }

        private String what(Backend backend, Object layer, Output output) {
            return backend + " " + layer + " " + x.dtype() + Arrays.toString(x.shape())
                    + (vector == null ? "" : " with a vector") + ", output " + output;
        }

        private Tensor expected(
                Mask mask, long units, double scale, boolean multiplied, Tensor added) {
            Tensor y = Samples.empty(arena, x.dtype(), x.shape());
            for (long e = 0; e < x.size(); e++) {
                long v = vector == null ? 0 : e % vector.size();
                if (!mask.keeps(e / (x.size() / units))) {
                    y.set(e, added == null ? 0 : added.get(e));
                } else if (x.dtype() == DType.FLOAT64) {
                    double a = x.get(e);
                    double b = vector == null ? a : multiplied ? a * vector.get(v) : a + vector.get(v);
                    y.set(e, added == null ? b * scale : added.get(e) + b * scale);
                } else {
                    float a = (float) x.get(e);
                    float w = vector == null ? 0 : (float) vector.get(v);
                    float b = vector == null ? a : multiplied ? a * w : a + w;
                    float c = b * (float) scale;
                    y.set(e, added == null ? c : (float) added.get(e) + c);
                }
            }
            return y;
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void droppedElementsKeepTheResidualsBits(DType dtype) {
        int size = dtype.byteSize();
        try (Arena arena = Arena.ofConfined()) {
            Tensor residual = Samples.empty(arena, dtype, 40, 100);
            for (long b = 0; b < residual.byteSize(); b++) { // many signalling NaNs among them
                residual.segment().set(
                        java.lang.foreign.ValueLayout.JAVA_BYTE, b,
                        (byte) (b % size == size - 1 ? 0x7F : b % 7 == 0 ? 0x80 : b));
            }
            Tensor x = Samples.any(arena, dtype, 4, 40, 100);
            Mask elements = new Dropout(0.5).mask(arena, x, STATE);
            Mask samples = new DropPath(0.5).mask(arena, x, STATE);
            for (Backend backend : Backends.all()) {
                Execution on = Execution.automatic().on(backend);
                for (boolean inPlace : new boolean[] {false, true}) {
                    Tensor r = Samples.copy(arena, residual);
                    Tensor out = inPlace ? r : Samples.empty(arena, dtype, 40, 100);
                    new DropoutAdd(new Dropout(0.5).with(on)).forward(x, null, r, out, STATE);
                    sameBits(elements, 1, residual, out);
                    r = Samples.copy(arena, residual);
                    out = inPlace ? r : Samples.empty(arena, dtype, 40, 100);
                    new DropPathAdd(new DropPath(0.5).with(on)).forward(x, null, r, out, STATE);
                    sameBits(samples, 100, residual, out);
                }
            }
        }
    }

    private static void sameBits(Mask mask, long run, Tensor residual, Tensor out) {
        long bytes = run * residual.dtype().byteSize();
        for (long unit = 0; unit < mask.units(); unit++) {
            if (!mask.keeps(unit)) {
                MemorySegment a = residual.segment().asSlice(unit * bytes, bytes);
                MemorySegment b = out.segment().asSlice(unit * bytes, bytes);
                assertEquals(-1, a.mismatch(b), "unit " + unit + " of " + residual.dtype());
            }
        }
    }

    /** Biased, dropped and added one after the other, and in one. */
    @Test
    void fusedEqualsUnfused() {
        try (Arena arena = Arena.ofConfined()) {
            for (Backend backend : Backends.all()) {
                Dropout dropout = new Dropout(0.1).with(Execution.automatic().on(backend));
                Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 16, 8, 100);
                Tensor bias = Samples.plain(arena, DType.FLOAT32, 2, 100);
                Tensor residual = Samples.plain(arena, DType.FLOAT32, 3, 16, 8, 100);
                Tensor fused = Samples.empty(arena, DType.FLOAT32, 16, 8, 100);
                new DropoutAdd(dropout).forward(x, bias, residual, fused, STATE);

                Tensor step = Samples.copy(arena, x);
                for (long e = 0; e < step.size(); e++) {
                    step.set(e, (float) x.get(e) + (float) bias.get(e % 100));
                }
                dropout.forward(step, step, STATE);
                for (long e = 0; e < step.size(); e++) {
                    step.set(e, (float) residual.get(e) + (float) step.get(e));
                }
                Samples.same(backend + " DropoutAdd", step, fused);
            }
        }
    }

    /** A row scale drawn with survival 0.87 before dropout with p = 0.37 and the residual. */
    @Test
    void dropoutAfterRowScaleAndBeforeResidual() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 100, 64);
            Tensor residual = Samples.plain(arena, DType.FLOAT32, 2, 100, 64);
            Tensor out = Samples.empty(arena, DType.FLOAT32, 100, 64);
            DropPath rows = new DropPath(1 - 0.87);
            Dropout dropout = new Dropout(0.37);
            PhiloxState next = new PhiloxState(STATE.seed(), STATE.offset() + 1);
            rows.forward(x, out, STATE);
            new DropoutAdd(dropout).forward(out, null, residual, out, next);
            Mask keptRows = rows.mask(arena, x, STATE);
            Mask kept = dropout.mask(arena, x, next);
            float rowScale = (float) rows.trainingScale();
            float scale = (float) dropout.trainingScale();
            for (long e = 0; e < x.size(); e++) {
                float value = keptRows.keeps(e / 64) ? (float) x.get(e) * rowScale : 0;
                float r = (float) residual.get(e);
                assertEquals(kept.keeps(e) ? r + value * scale : r, (float) out.get(e));
            }
        }
    }

    @Test
    void inferenceAddsEverything() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 6, 50);
            Tensor vector = Samples.plain(arena, DType.FLOAT32, 2, 50);
            Tensor residual = Samples.plain(arena, DType.FLOAT32, 3, 6, 50);
            for (Backend backend : Backends.all()) {
                Execution on = Execution.automatic().on(backend);
                Tensor out = Samples.copy(arena, residual);
                new DropoutAdd(new Dropout(0.5).with(on)).infer(x, vector, out, out);
                Tensor scaled = Samples.copy(arena, residual);
                new DropPathAdd(
                                new DropPath(0.25, DropPath.Mode.ROW, Scaling.AT_INFERENCE)
                                        .with(on))
                        .infer(x, vector, scaled, scaled);
                for (long e = 0; e < x.size(); e++) {
                    float a = (float) x.get(e);
                    float v = (float) vector.get(e % 50);
                    float r = (float) residual.get(e);
                    assertEquals(r + (a + v), (float) out.get(e));
                    assertEquals(r + a * v * 0.75f, (float) scaled.get(e));
                }
            }
        }
    }

    @Test
    void asLayersTheyAddToTheOutput() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 6, 50);
            Tensor residual = Samples.plain(arena, DType.FLOAT32, 2, 6, 50);
            ResidualLayer dropoutAdd = new DropoutAdd(new Dropout(0.5));
            ResidualLayer dropPathAdd = new DropPathAdd(new DropPath(0.5));
            assertEquals(300, dropoutAdd.units(x));
            assertEquals(6, dropPathAdd.units(x));
            for (ResidualLayer layer : List.of(dropoutAdd, dropPathAdd)) {
                Tensor expected = Samples.empty(arena, DType.FLOAT32, 6, 50);
                layer.forward(x, null, residual, expected, STATE);
                Tensor y = Samples.copy(arena, residual);
                layer.forward(x, y, STATE);
                Samples.same(layer + " forward", expected, y);
                layer.infer(x, null, residual, expected);
                y = Samples.copy(arena, residual);
                layer.infer(x, y);
                Samples.same(layer + " infer", expected, y);
                isNamed("y", () -> layer.forward(x, null, STATE));
                isNamed("y", () -> layer.infer(x, null));
            }
        }
    }

    private static void isNamed(String argument, Executable call) {
        assertEquals(argument, assertThrows(NullPointerException.class, call).getMessage());
    }

    @Test
    void threadsChangeNothing() {
        try (Arena arena = Arena.ofConfined();
                var executor = Executors.newFixedThreadPool(3)) {
            Tensor x = Samples.plain(arena, DType.FLOAT32, 1, 53, 29, 769);
            Tensor vector = Samples.plain(arena, DType.FLOAT32, 2, 769);
            Tensor residual = Samples.plain(arena, DType.FLOAT32, 3, 53, 29, 769);
            for (Backend backend : Backends.all()) {
                Execution one = Execution.automatic().on(backend).sequential();
                Execution more = Execution.automatic().on(backend).over(executor, 3);
                Tensor a = Samples.empty(arena, DType.FLOAT32, x.shape());
                Tensor b = Samples.empty(arena, DType.FLOAT32, x.shape());
                Dropout dropout = new Dropout(0.3);
                new DropoutAdd(dropout.with(one)).forward(x, vector, residual, a, STATE, 3);
                new DropoutAdd(dropout.with(more)).forward(x, vector, residual, b, STATE, 3);
                Samples.same(backend + " DropoutAdd", a, b);
                DropPath dropPath = new DropPath(0.3);
                new DropPathAdd(dropPath.with(one)).forward(x, vector, residual, a, STATE, 3);
                new DropPathAdd(dropPath.with(more)).forward(x, vector, residual, b, STATE, 3);
                Samples.same(backend + " DropPathAdd", a, b);
                new DropPathAdd(dropPath.with(one)).backward(x, vector, a, STATE, 3);
                new DropPathAdd(dropPath.with(more)).backward(x, vector, b, STATE, 3);
                Samples.same(backend + " DropPathAdd backward", a, b);
            }
        }
    }

    private static Dropout reference(Dropout layer) {
        return layer.with(Execution.automatic().on(Backends.reference()));
    }

    private static DropPath reference(DropPath layer) {
        return layer.with(Execution.automatic().on(Backends.reference()));
    }

    @Test
    void needNoVector() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.any(arena, DType.FLOAT32, 1, 9, 70);
            Tensor residual = Samples.any(arena, DType.FLOAT32, 2, 9, 70);
            Tensor expected = Tensor.allocate(arena, DType.FLOAT32, 9, 70);
            Tensor out = Tensor.allocate(arena, DType.FLOAT32, 9, 70);
            Shard shard = Shard.startingAt(5);
            for (ResidualLayer layer :
                    List.of(new DropPathAdd(new DropPath(0.3)), new DropoutAdd(new Dropout(0.3)))) {
                layer.forward(x, null, residual, expected, STATE);
                layer.forward(x, residual, out, STATE);
                assertEquals(-1, expected.segment().mismatch(out.segment()));
                layer.forward(x, null, residual, expected, STATE, shard);
                layer.forward(x, residual, out, STATE, shard);
                assertEquals(-1, expected.segment().mismatch(out.segment()));
                layer.forward(x, residual, out, STATE, 5);
                assertEquals(-1, expected.segment().mismatch(out.segment()));
                layer.infer(x, null, residual, expected);
                layer.infer(x, residual, out);
                assertEquals(-1, expected.segment().mismatch(out.segment()));
            }
        }
    }
}
