package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Outputs and gradients under DJL's own collector are those of the layers on plain arrays, bit for
 * bit. The route by multiplication may differ in the sign of a gradient's zeros alone.
 */
class GradientTest {
    private static final PhiloxState STATE = new PhiloxState(77, 5);

    static Stream<Arguments> blocks() {
        return Stream.of(Samples.values())
                .flatMap(
                        sample ->
                                Stream.of(Route.values())
                                        .flatMap(
                                                route ->
                                                        Stream.of(DType.values())
                                                                .map(
                                                                        dtype ->
                                                                                Arguments.of(
                                                                                        sample,
                                                                                        route,
                                                                                        dtype))));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void equalsPlainArrays(Samples sample, Route route, DType dtype) {
        Tensor x = Arrays.plain(dtype, 1, sample.shape());
        Tensor dy = Arrays.plain(dtype, 2, sample.shape());
        check(sample, route, x, dy);
    }

    private static void check(Samples sample, Route route, Tensor x, Tensor dy) {
        route.use();
        Tensor y = Arrays.zeros(x.dtype(), x.shape());
        Tensor dx = Arrays.zeros(x.dtype(), x.shape());
        sample.layer().forward(x, y, STATE);
        sample.layer().backward(dy, dx, STATE);
        Generator generator = Generator.from(STATE);
        RandomBlock block = sample.block(generator);
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, x);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(block, leaf, true);
            Arrays.assertBits(y, Arrays.plain(out), "y of " + block);
            Arrays.backward(collector, out, dy);
            Tensor gradient = Arrays.plain(leaf.getGradient());
            if (route == Route.PRODUCT) {
                Arrays.unsigned(dx);
                Arrays.unsigned(gradient);
            }
            Arrays.assertBits(dx, gradient, "dx of " + block);
            Arrays.assertBits(x, Arrays.plain(leaf), "x");
        }
        assertEquals(STATE.offset() + 1, generator.state().offset());
    }

    /** Nothing is left of what was dropped, whatever it was. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void droppedValuesAreGone(Route route) {
        for (Samples sample : Samples.DROPPING) {
            Tensor x = Arrays.plain(DType.FLOAT32, 1, sample.shape());
            Tensor dy = Arrays.plain(DType.FLOAT32, 2, sample.shape());
            double[] specials = {Double.POSITIVE_INFINITY, -0.0, 0.0, Double.NEGATIVE_INFINITY};
            for (long i = 0; i < x.size(); i += 3) {
                x.set(i, specials[(int) (i % 4)]);
                if (route == Route.OPERATOR) {
                    dy.set(i, specials[(int) (i % 4)]);
                }
            }
            check(sample, route, x, dy);
        }
    }

    /** Gradients through operations before and after, more than once, and added up. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void isOneOfManyOperations(Route route) {
        route.use();
        Tensor x = Arrays.plain(DType.FLOAT32, 3, 6, 50);
        Samples sample = Samples.DROPOUT;
        Tensor y1 = Arrays.zeros(DType.FLOAT32, 6, 50);
        Tensor y2 = Arrays.zeros(DType.FLOAT32, 6, 50);
        sample.layer().forward(x, y1, STATE);
        sample.layer().forward(y1, y2, new PhiloxState(STATE.seed(), STATE.offset() + 1));
        Tensor dy1 = Arrays.zeros(DType.FLOAT32, 6, 50);
        Tensor dx = Arrays.zeros(DType.FLOAT32, 6, 50);
        for (long i = 0; i < y2.size(); i++) {
            dy1.set(i, 1);
        }
        sample.layer().backward(dy1, dy1, new PhiloxState(STATE.seed(), STATE.offset() + 1));
        sample.layer().backward(dy1, dx, STATE);
        RandomBlock block = sample.block(Generator.from(STATE));
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, x);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(block, Arrays.forward(block, leaf, true), true);
            Arrays.assertBits(y2, Arrays.plain(out), "y");
            collector.backward(out.sum()); // its gradient is one number, seen with strides of 0
            Arrays.assertBits(
                    Arrays.unsigned(dx), Arrays.unsigned(Arrays.plain(leaf.getGradient())), "dx");
        }
    }

    /** The trap that the blocks are there to avoid: values written in place are not recorded. */
    @Test
    void theTestsSeeWrongGradients() {
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = manager.ones(new Shape(1000));
            leaf.setRequiresGradient(true);
            NDArray y = leaf.mul(manager.ones(new Shape(1)));
            Tensor memory = TorchArray.of(y).tensor();
            Samples.DROPOUT.layer().forward(memory, memory, STATE);
            collector.backward(y.sum());
            assertEquals(1000, leaf.getGradient().sum().getFloat());
        }
    }
}
