package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The backward pass is the forward pass's adjoint: <forward(x), g> = <x, backward(g)>, exactly. The
 * values are small integers and the scales powers of two, so that no product or sum is rounded.
 */
class AdjointTest {
    private static final int ROWS = 60;
    private static final int RUN = 53;
    private static final PhiloxState STATE = new PhiloxState(21, 34);

    @ParameterizedTest
    @MethodSource("io.github.dropfuse.layer.Combinations#backendsAndTypes")
    void innerProductsAreEqual(Backend backend, DType dtype) {
        Execution execution = Execution.automatic().on(backend);
        SplittableRandom random = new SplittableRandom(9);
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.allocate(arena, dtype, ROWS, RUN);
            Tensor g = Tensor.allocate(arena, dtype, ROWS, RUN);
            for (int i = 0; i < ROWS * RUN; i++) {
                x.set(i, random.nextInt(-15, 16));
                g.set(i, random.nextInt(-15, 16));
            }
            for (double p : new double[] {0.0, 0.5, 0.75, 0.875, 1.0}) {
                for (Scaling scaling : Scaling.values()) {
                    for (Layer layer :
                            List.of(
                                    new Dropout(p, scaling).with(execution),
                                    new DropPath(p, DropPath.Mode.ROW, scaling).with(execution),
                                    new DropPath(p, DropPath.Mode.BATCH, scaling)
                                            .with(execution))) {
                        check(layer, x, g, STATE);
                        check(layer, x, g, layer.mask(arena, x, STATE));
                    }
                }
            }
        }
    }

    private static void check(Layer layer, Tensor x, Tensor g, MaskSource source) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor y = Tensor.allocate(arena, x.dtype(), x.shape());
            Tensor dx = Tensor.allocate(arena, x.dtype(), x.shape());
            layer.forward(x, y, source);
            layer.backward(g, dx, source);
            double forward = inner(y, g);
            assertEquals(forward, inner(x, dx), layer::toString);
            if (layer instanceof Dropout dropout && dropout.p() < 1) {
                assertNotEquals(0.0, forward);
            }
        }
    }

    private static double inner(Tensor a, Tensor b) {
        double sum = 0;
        for (long i = 0; i < a.size(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }
}
