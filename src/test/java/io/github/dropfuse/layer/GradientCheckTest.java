package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchState;
import io.github.dropfuse.TorchStream;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The gradient of every layer against central differences in float64, as DL4J checks its layers:
 * a step of 1e-6, and a relative error of 1e-3 at most. All layers are linear in x, or affine.
 */
class GradientCheckTest {
    private static final double STEP = 1e-6;
    private static final double MOST = 1e-3;
    private static final long[] SHAPE = {3, 2, 4, 5};
    private static final PhiloxState STATE = new PhiloxState(3, 8);
    private static final long[] TOKENS = new TokenDrop(0.5, 1).indices(3, 4, STATE);
    private static final KeptSamples KEPT = KeptSamples.of(3, 1.7, 2, 0);

    /** A layer's two passes on tensors of the given shapes. */
    private record Passes(
            long[] in,
            long[] out,
            BiConsumer<Tensor, Tensor> forward,
            BiConsumer<Tensor, Tensor> backward) {
        Passes(BiConsumer<Tensor, Tensor> forward, BiConsumer<Tensor, Tensor> backward) {
            this(SHAPE, SHAPE, forward, backward);
        }

        static Passes of(Layer layer) {
            return new Passes(
                    (x, y) -> layer.forward(x, y, STATE), (dy, dx) -> layer.backward(dy, dx, STATE));
        }

        static Passes of(DropBlock layer) {
            return new Passes(
                    (x, y) -> layer.forward(x, y, STATE), (dy, dx) -> layer.backward(dy, dx, STATE));
        }
    }

    @TestFactory
    Iterable<DynamicTest> everyLayer() {
        return layers().entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getValue())))
                .toList();
    }

    private static Map<String, Passes> layers() {
        Map<String, Passes> layers = new LinkedHashMap<>();
        layers.put("Dropout", Passes.of(new Dropout(0.4)));
        layers.put(
                "Dropout with a noise shape",
                Passes.of(new Dropout(0.4, Scaling.IN_TRAINING, Units.noiseShape(3, 1, -1, 1))));
        layers.put("Dropout2d", Passes.of(new Dropout2d(0.4)));
        layers.put(
                "Dropout2d, channels last",
                Passes.of(new Dropout2d(0.4, Channels.LAST, Scaling.IN_TRAINING)));
        layers.put("DropPath", Passes.of(new DropPath(0.4)));
        layers.put("AlphaDropout", Passes.of(new AlphaDropout(0.4)));
        layers.put("FeatureAlphaDropout", Passes.of(new FeatureAlphaDropout(0.4)));
        layers.put("DropBlock", Passes.of(new DropBlock(2, 0.4, 2)));
        layers.put(
                "DropBlock, realised factor",
                Passes.of(new DropBlock(2, 0.4, 3).with(DropBlock.Factor.REALISED)));
        GaussianDropout gaussian = new GaussianDropout(0.4);
        layers.put(
                "GaussianDropout",
                new Passes(
                        (x, y) -> gaussian.forward(x, y, STATE),
                        (dy, dx) -> gaussian.backward(dy, dx, STATE)));
        GaussianNoise noise = new GaussianNoise(0.4);
        layers.put(
                "GaussianNoise", new Passes((x, y) -> noise.forward(x, y, STATE), noise::backward));
        addResidualForms(layers);
        addRows(layers);
        for (TorchStream stream : TorchStream.values()) {
            Dropout dropout = new Dropout(0.4);
            TorchState state = TorchGenerator.seeded(9).state();
            layers.put(
                    "Dropout by PyTorch's " + stream,
                    new Passes(
                            (x, y) -> dropout.forward(x, y, TorchGenerator.from(state).next(stream)),
                            (dy, dx) -> dropout.backward(dy, dx, TorchCall.of(state, stream))));
        }
        return layers;
    }

    private static void addResidualForms(Map<String, Passes> layers) {
        double[] vector = {0.5, -1.5, 2, 0.25, 3};
        double[] residual = new double[120];
        Arrays.setAll(residual, i -> Math.sin(i));
        Tensor bias = Tensor.of(vector, 5);
        Tensor added = Tensor.of(residual, SHAPE);
        DropoutAdd dropoutAdd = new DropoutAdd(new Dropout(0.4));
        layers.put(
                "DropoutAdd",
                new Passes(
                        (x, y) -> dropoutAdd.forward(x, bias, added, y, STATE),
                        (dy, dx) -> dropoutAdd.backward(dy, dx, STATE)));
        DropPathAdd dropPathAdd = new DropPathAdd(new DropPath(0.4));
        layers.put(
                "DropPathAdd",
                new Passes(
                        (x, y) -> dropPathAdd.forward(x, bias, added, y, STATE),
                        (dy, dx) -> dropPathAdd.backward(dy, bias, dx, STATE)));
    }

    private static void addRows(Map<String, Passes> layers) {
        TokenDrop tokenDrop = new TokenDrop(0.5, 1);
        layers.put(
                "TokenDrop",
                new Passes(
                        new long[] {3, 4, 5},
                        new long[] {3, tokenDrop.kept(4), 5},
                        (x, y) -> tokenDrop.forward(x, y, TOKENS),
                        (dy, dx) -> tokenDrop.backward(dy, dx, TOKENS)));
        layers.put(
                "KeptSamples, gather",
                new Passes(
                        new long[] {3, 7},
                        new long[] {2, 7},
                        KEPT::gather,
                        (dy, dx) -> {
                            dx.segment().fill((byte) 0);
                            KEPT.gatherBackward(dy, dx);
                        }));
        layers.put(
                "KeptSamples, scatter-add",
                new Passes(
                        new long[] {2, 7},
                        new long[] {3, 7},
                        (x, y) -> {
                            y.segment().fill((byte) 0);
                            KEPT.scatterAdd(x, y);
                        },
                        KEPT::scatterAddBackward));
    }

    private static void check(Passes passes) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Samples.plain(arena, DType.FLOAT64, 1, passes.in());
            Tensor dy = Samples.plain(arena, DType.FLOAT64, 2, passes.out());
            Tensor y = Samples.empty(arena, DType.FLOAT64, passes.out());
            Tensor dx = Samples.empty(arena, DType.FLOAT64, passes.in());
            passes.backward().accept(dy, dx);
            double sum = 0;
            for (long e = 0; e < x.size(); e++) {
                double before = x.get(e);
                x.set(e, before + STEP);
                passes.forward().accept(x, y);
                double above = inner(y, dy);
                x.set(e, before - STEP);
                passes.forward().accept(x, y);
                double slope = (above - inner(y, dy)) / (2 * STEP);
                x.set(e, before);
                double larger = Math.max(Math.abs(slope), Math.abs(dx.get(e)));
                assertEquals(slope, dx.get(e), MOST * larger, "element " + e);
                sum += Math.abs(slope);
            }
            assertNotEquals(0.0, sum, "something was kept");
        }
    }

    private static double inner(Tensor a, Tensor b) {
        double sum = 0;
        for (long e = 0; e < a.size(); e++) {
            sum += a.get(e) * b.get(e);
        }
        return sum;
    }
}
