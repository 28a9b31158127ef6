package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Oracle;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Dropout and DropPath mean, on every backend. */
class DropoutTest {
    private static final String BACKENDS = "io.github.dropfuse.layer.Combinations#backends";
    private static final PhiloxState STATE = new PhiloxState(42, 3);

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void dropoutDecidesOnEachElement(Backend backend) {
        float[] x = ramp(1000);
        float[] y = new float[1000];
        dropout(0.25, Scaling.IN_TRAINING, backend).forward(of(x), of(y), STATE);
        for (int i = 0; i < 1000; i++) {
            float kept = x[i] * (float) (1 / 0.75);
            assertEquals(Oracle.keeps(0.25, 42, 3, i) ? kept : 0, y[i]);
        }
    }

    /** The form that leaves training values alone and scales at inference. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void theClassicFormScalesAtInference(Backend backend) {
        Dropout layer = dropout(0.25, Scaling.AT_INFERENCE, backend);
        float[] x = ramp(300);
        float[] y = new float[300];
        layer.forward(of(x), of(y), STATE);
        for (int i = 0; i < 300; i++) {
            assertEquals(Oracle.keeps(0.25, 42, 3, i) ? x[i] : 0, y[i]);
        }
        assertEquals(1.0, layer.trainingScale());
        layer.infer(of(x), of(y));
        for (int i = 0; i < 300; i++) {
            assertEquals(x[i] * 0.75f, y[i]);
        }
        float[] inPlace = x.clone();
        layer.infer(of(inPlace), of(inPlace));
        assertArrayEquals(y, inPlace);
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void theClassicFormGivesZerosAtInferenceWherePIsOne(Backend backend) {
        float[] y = {Float.NaN, Float.POSITIVE_INFINITY, -3, 0};
        dropout(1, Scaling.AT_INFERENCE, backend).infer(of(y), of(y));
        for (float value : y) {
            assertEquals(0, Float.floatToRawIntBits(value));
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void inferenceIsTheIdentityOtherwise(Backend backend) {
        for (Scaling scaling : List.of(Scaling.IN_TRAINING, Scaling.NONE)) {
            for (double p : new double[] {0, 0.5, 1}) {
                float[] x = ramp(77);
                float[] y = new float[77];
                dropout(p, scaling, backend).infer(of(x), of(y));
                assertArrayEquals(x, y);
                path(p, DropPath.Mode.ROW, scaling, backend).infer(of(y), of(y));
                assertArrayEquals(x, y);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void backwardMasksTheGradientAsForwardMaskedTheInput(Backend backend) {
        float[] ones = new float[500];
        Arrays.fill(ones, 1);
        float[] y = new float[500];
        float[] dx = new float[500];
        for (Scaling scaling : Scaling.values()) {
            Dropout layer = dropout(0.5, scaling, backend);
            layer.forward(of(ones), of(y), STATE);
            layer.backward(of(ones), of(dx), STATE);
            assertArrayEquals(y, dx);
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void dropPathDecidesOnEachSample(Backend backend) {
        int run = 37;
        float[] x = ramp(60 * run);
        float[] y = new float[60 * run];
        for (Scaling scaling : Scaling.values()) {
            DropPath layer = path(0.5, DropPath.Mode.ROW, scaling, backend);
            layer.forward(Tensor.of(x, 60, run), Tensor.of(y, 60, run), STATE, 11);
            float scale = scaling == Scaling.IN_TRAINING ? 2 : 1;
            for (int i = 0; i < x.length; i++) {
                assertEquals(
                        Oracle.keeps(0.5, 42, 3, 11 + i / run) ? x[i] * scale : 0, y[i]);
            }
        }
    }

    /** The batch is one unit: the one at the call's start. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void dropPathDecidesOnTheWholeBatch(Backend backend) {
        DropPath layer = path(0.5, DropPath.Mode.BATCH, Scaling.IN_TRAINING, backend);
        float[] x = ramp(600);
        int kept = 0;
        for (int call = 0; call < 40; call++) {
            float[] y = new float[600];
            layer.forward(Tensor.of(x, 6, 100), Tensor.of(y, 6, 100), new PhiloxState(7, call), 2);
            boolean keeps = Oracle.keeps(0.5, 7, call, 0);
            kept += keeps ? 1 : 0;
            for (int i = 0; i < 600; i++) {
                assertEquals(keeps ? x[i] * 2 : 0, y[i]);
            }
        }
        assertEquals(true, kept > 5 && kept < 35);
        assertEquals(1, layer.units(Tensor.of(x, 6, 100)));
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void aBatchOfOne(Backend backend) {
        float[] x = ramp(50);
        for (DropPath.Mode mode : DropPath.Mode.values()) {
            DropPath layer = path(0.5, mode, Scaling.IN_TRAINING, backend);
            for (int call = 0; call < 20; call++) {
                float[] y = new float[50];
                layer.forward(
                        Tensor.of(x, 1, 50), Tensor.of(y, 1, 50), new PhiloxState(9, call));
                assertEquals(Oracle.keeps(0.5, 9, call, 0) ? x[7] * 2 : 0, y[7]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void nothingIsDroppedAtZeroAndEverythingAtOne(Backend backend) {
        float[] x = ramp(700);
        x[3] = Float.NaN;
        x[4] = Float.POSITIVE_INFINITY;
        float[] y = new float[700];
        for (Scaling scaling : Scaling.values()) {
            for (Layer layer : layers(0, scaling, backend)) {
                layer.forward(Tensor.of(x, 7, 100), Tensor.of(y, 7, 100), STATE);
                assertArrayEquals(x, y);
            }
            for (Layer layer : layers(1, scaling, backend)) {
                Arrays.fill(y, 5);
                layer.forward(Tensor.of(x, 7, 100), Tensor.of(y, 7, 100), STATE);
                assertArrayEquals(new float[700], y);
                Arrays.fill(y, 5);
                layer.backward(Tensor.of(x, 7, 100), Tensor.of(y, 7, 100), STATE);
                assertArrayEquals(new float[700], y);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(BACKENDS)
    void emptyTensorsAreFine(Backend backend) {
        long[][] shapes = {{0}, {1, 0}, {0, 5}, {3, 0, 2}};
        for (long[] shape : shapes) {
            Tensor x = Tensor.of(new float[0], shape);
            for (Layer layer : layers(0.5, Scaling.IN_TRAINING, backend)) {
                layer.forward(x, x, STATE);
                layer.backward(x, Tensor.of(new float[0], shape), STATE, -1);
                layer.infer(x, Tensor.of(new float[0], shape));
                assertEquals(0, layer.units(x));
                Mask mask = layer.mask(Arena.ofAuto(), x, STATE);
                layer.forward(x, x, mask);
            }
        }
    }

    /** A state, the mask drawn from it, and that mask read and given again decide the same. */
    @ParameterizedTest
    @MethodSource(BACKENDS)
    void masksGivenStoredAndDrawnAgainAreInterchangeable(Backend backend) {
        float[] x = ramp(1300);
        Tensor in = Tensor.of(x, 13, 100);
        for (Layer layer : layers(0.3, Scaling.IN_TRAINING, backend)) {
            float[] drawn = new float[1300];
            layer.forward(in, Tensor.of(drawn, 13, 100), STATE, 3);
            try (Arena arena = Arena.ofConfined()) {
                Mask stored = layer.mask(arena, in, STATE, 3);
                assertEquals(layer.units(in), stored.units());
                Mask whole = layer.mask(arena, Tensor.of(ramp(1700), 17, 100), STATE);
                float[] y = new float[1300];
                layer.forward(in, Tensor.of(y, 13, 100), stored);
                assertArrayEquals(drawn, y);
                layer.backward(in, Tensor.of(y, 13, 100), whole, 3);
                assertArrayEquals(drawn, y);
            }
        }
    }

    @Test
    void eachCallOfAGeneratorDropsOtherElements() {
        Generator generator = Generator.seeded(1);
        Dropout layer = new Dropout(0.5);
        float[] ones = new float[100];
        Arrays.fill(ones, 1);
        float[] first = new float[100];
        float[] second = new float[100];
        layer.forward(of(ones), of(first), generator.next());
        layer.forward(of(ones), of(second), generator.next());
        assertEquals(false, Arrays.equals(first, second));
    }

    @Test
    void layersSayWhatTheyAre() {
        Execution execution = Execution.automatic().sequential();
        Dropout dropout = new Dropout(0.2).with(execution);
        assertEquals(0.2, dropout.p());
        assertEquals(Scaling.IN_TRAINING, dropout.scaling());
        assertEquals(1.25, dropout.trainingScale());
        assertSame(execution, dropout.execution());
        DropPath path = new DropPath(0.5, DropPath.Mode.BATCH, Scaling.NONE).with(execution);
        assertEquals(DropPath.Mode.BATCH, path.mode());
        assertSame(execution, path.execution());
        assertEquals("DropPath[p=0.5, mode=BATCH, scaling=NONE]", path.toString());
        assertEquals(4, new DropPath(0.5).units(Tensor.of(new float[20], 4, 5)));
    }

    /** Where T rounds to 0 everything is dropped, and no factor is left. */
    @Test
    void theScaleIsZeroWhereTheThresholdIs() {
        assertEquals(0, new Dropout(1).trainingScale());
        assertEquals(0, new Dropout(1 - 0x1p-42).trainingScale());
        assertEquals(0, new Dropout(1 - 0x1p-41).trainingScale());
        double p = 1 - 0x1p-41 - 0x1p-53;
        assertEquals(1, Oracle.threshold(p));
        assertEquals(1 / (1 - p), new Dropout(p).trainingScale());
    }

    private static List<Layer> layers(double p, Scaling scaling, Backend backend) {
        return List.of(
                dropout(p, scaling, backend),
                path(p, DropPath.Mode.ROW, scaling, backend),
                path(p, DropPath.Mode.BATCH, scaling, backend));
    }

    private static Dropout dropout(double p, Scaling scaling, Backend backend) {
        return new Dropout(p, scaling).with(Execution.automatic().on(backend));
    }

    private static DropPath path(
            double p, DropPath.Mode mode, Scaling scaling, Backend backend) {
        return new DropPath(p, mode, scaling).with(Execution.automatic().on(backend));
    }

    private static float[] ramp(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = 0.25f + i;
        }
        return values;
    }

    private static Tensor of(float[] values) {
        return Tensor.of(values, values.length);
    }
}
