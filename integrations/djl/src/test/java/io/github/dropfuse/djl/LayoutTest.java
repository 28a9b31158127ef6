package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Views and strides: masks follow the logical order of elements, and gradients find their way. */
class LayoutTest {
    private static final PhiloxState STATE = new PhiloxState(8, 1);

    private final Samples sample = Samples.DROPOUT;

    @ParameterizedTest
    @EnumSource(Route.class)
    void transposed(Route route) {
        check(route, x -> x.transpose(2, 0, 1), false, 9, 4, 10);
    }

    /** As convolutions lay arrays out whose channels are last in memory and not in shape. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void channelsLastInMemory(Route route) {
        check(route, x -> x.transpose(0, 3, 1, 2), false, 3, 5, 4, 6);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void contiguousSlice(Route route) {
        check(route, x -> x.get(new NDIndex("2:5")), true, 9, 4, 10);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void sliceOfAnInnerDimension(Route route) {
        check(route, x -> x.get(new NDIndex(":, 1:3")), false, 9, 4, 10);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void sliceWithASteps(Route route) {
        check(route, x -> x.get(new NDIndex("::2, :, ::3")), false, 9, 4, 10);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void column(Route route) {
        check(route, x -> x.get(new NDIndex(":, 3")), false, 50, 10);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void extentsOfOne(Route route) {
        check(route, x -> x.transpose(1, 0, 2), true, 1, 40, 1);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void scalar(Route route) {
        check(route, x -> x.reshape(), true, 1);
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void empty(Route route) {
        check(route, x -> x, true, 3, 0, 2);
    }

    private void check(
            Route route, UnaryOperator<NDArray> view, boolean contiguous, long... shape) {
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT16}) {
            route.use();
            RandomBlock block = sample.block(Generator.from(STATE));
            try (NDManager manager = Arrays.manager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray leaf = Arrays.array(manager, Arrays.plain(dtype, 4, shape));
                leaf.setRequiresGradient(true);
                NDArray x = view.apply(leaf);
                assertEquals(contiguous, TorchArray.of(x).dense().array() == x);
                Tensor plain = Arrays.plain(x);
                Tensor y = Arrays.zeros(dtype, plain.shape());
                Tensor dx = Arrays.zeros(dtype, plain.shape());
                Tensor dy = Arrays.plain(dtype, 5, plain.shape());
                sample.layer().forward(plain, y, STATE);
                sample.layer().backward(dy, dx, STATE);
                NDArray out = Arrays.forward(block, x, true);
                Arrays.assertBits(y, Arrays.plain(out), "y");
                Arrays.backward(collector, out, dy);
                NDArray gradient = leaf.getGradient();
                Arrays.assertBits(
                        Arrays.unsigned(dx),
                        Arrays.unsigned(Arrays.plain(view.apply(gradient))),
                        "dx");
                assertEquals(nonzero(dx), nonzero(Arrays.plain(gradient)), "elsewhere it is 0");
            }
        }
    }

    private static long nonzero(Tensor tensor) {
        long count = 0;
        for (long i = 0; i < tensor.size(); i++) {
            count += tensor.get(i) != 0 ? 1 : 0;
        }
        return count;
    }

    /** A gradient that comes in with other strides than the output had. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void transposedGradient(Route route) {
        route.use();
        RandomBlock block = sample.block(Generator.from(STATE));
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, Arrays.plain(DType.FLOAT32, 4, 6, 70));
            leaf.setRequiresGradient(true);
            Tensor dy = Arrays.plain(DType.FLOAT32, 5, 70, 6);
            NDArray turned = Arrays.array(manager, dy).transpose(1, 0);
            assertFalse(TorchArray.of(turned).dense().array() == turned);
            Tensor dx = Arrays.zeros(DType.FLOAT32, 6, 70);
            sample.layer().backward(Arrays.plain(turned), dx, STATE);
            Arrays.backward(collector, Arrays.forward(block, leaf, true).transpose(1, 0), dy);
            Arrays.assertBits(
                    Arrays.unsigned(dx), Arrays.unsigned(Arrays.plain(leaf.getGradient())), "dx");
        }
    }

    /** A view that repeats its elements: each repetition has a decision of its own. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void expanded(Route route) {
        route.use();
        RandomBlock block = sample.block(Generator.from(STATE));
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, Arrays.plain(DType.FLOAT64, 4, 1, 30));
            leaf.setRequiresGradient(true);
            NDArray x = leaf.broadcast(5, 30);
            Tensor y = Arrays.zeros(DType.FLOAT64, 5, 30);
            Tensor dx = Arrays.zeros(DType.FLOAT64, 5, 30);
            Tensor dy = Arrays.plain(DType.FLOAT64, 5, 5, 30);
            sample.layer().forward(Arrays.plain(x), y, STATE);
            sample.layer().backward(dy, dx, STATE);
            NDArray out = Arrays.forward(block, x, true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
            Arrays.backward(collector, out, dy);
            NDArray sums = Arrays.array(manager, dx).sum(new int[] {0}, true);
            Arrays.assertBits(
                    Arrays.unsigned(Arrays.plain(sums)),
                    Arrays.unsigned(Arrays.plain(leaf.getGradient())),
                    "dx");
        }
    }
}
