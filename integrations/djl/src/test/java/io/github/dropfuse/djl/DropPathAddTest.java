package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Scaling;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A residual block in PyTorch has the bits of the fused layer. */
class DropPathAddTest {
    private static final PhiloxState STATE = new PhiloxState(77, 5);
    private static final long[] SHAPE = {19, 6, 5};

    static List<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (Route route : Route.values()) {
            for (DType dtype : DType.values()) {
                for (DropPath.Mode mode : DropPath.Mode.values()) {
                    all.add(Arguments.of(route, dtype, mode));
                }
            }
        }
        return all;
    }

    private static DropPathAdd block(
            DropPath.Mode mode, double rate, UnaryOperator<NDArray> branch, Generator generator) {
        return DropPathAdd.builder()
                .setBranch(LambdaBlock.singleton(branch::apply))
                .optRate(rate)
                .optMode(mode)
                .optGenerator(generator)
                .build();
    }

    private static io.github.dropfuse.layer.DropPathAdd layer(DropPath.Mode mode, double rate) {
        return new io.github.dropfuse.layer.DropPathAdd(
                new DropPath(rate, mode, Scaling.IN_TRAINING));
    }

    /** Normal numbers with zeros of both signs among them, and what is not finite. */
    private static Tensor residual(DType dtype) {
        Tensor x = Arrays.plain(dtype, 1, SHAPE);
        double[] specials = {-0.0, 0.0, Double.POSITIVE_INFINITY, -0.0, Double.NEGATIVE_INFINITY};
        for (long i = 0; i < x.size(); i += 3) {
            x.set(i, specials[(int) (i % 5)]);
        }
        return x;
    }

    private static Tensor turned(Tensor x) {
        Tensor y = Arrays.zeros(x.dtype(), x.shape());
        for (long i = 0; i < x.size(); i++) {
            y.set(i, -x.get(i));
        }
        return y;
    }

    @ParameterizedTest
    @MethodSource("all")
    void equalsPlainArrays(Route route, DType dtype, DropPath.Mode mode) {
        route.use();
        for (double rate : new double[] {0, 0.3, 1}) {
            Tensor x = Arrays.plain(dtype, 1, SHAPE);
            check(mode, rate, x, x, branch -> branch);
            Tensor special = residual(dtype);
            check(mode, rate, special, special, branch -> branch);
            check(mode, rate, x, turned(x), NDArray::neg);
        }
    }

    private static void check(
            DropPath.Mode mode,
            double rate,
            Tensor x,
            Tensor branch,
            UnaryOperator<NDArray> operation) {
        Tensor y = Arrays.zeros(x.dtype(), SHAPE);
        layer(mode, rate).forward(branch, null, x, y, STATE);
        Generator generator = Generator.from(STATE);
        DropPathAdd block = block(mode, rate, operation, generator);
        try (NDManager manager = Arrays.manager()) {
            NDArray plain = Arrays.array(manager, x);
            Arrays.assertBits(y, Arrays.plain(Arrays.forward(block, plain, true)), "alone");
            assertEquals(STATE.offset() + 1, generator.state().offset());
            generator.restore(STATE);
            try (GradientCollector collector =
                    Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray leaf = Arrays.array(manager, x);
                leaf.setRequiresGradient(true);
                NDArray out = Arrays.forward(block, leaf, true);
                Arrays.assertBits(y, Arrays.plain(out), "recorded");
                Arrays.assertBits(x, Arrays.plain(leaf), "x");
                Arrays.backward(collector, out, Arrays.zeros(x.dtype(), SHAPE));
                assertTrue(leaf.hasGradient());
            }
        }
    }

    /** Both inputs' gradients: the residual's is the output's, the branch's that of DropPath. */
    @ParameterizedTest
    @MethodSource("all")
    void gradients(Route route, DType dtype, DropPath.Mode mode) {
        route.use();
        Tensor dy = Arrays.plain(dtype, 2, SHAPE);
        Tensor dx = Arrays.zeros(dtype, SHAPE);
        layer(mode, 0.3).backward(dy, dx, STATE);
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray leaf = Arrays.array(manager, Arrays.plain(dtype, 1, SHAPE));
            leaf.setRequiresGradient(true);
            NDArray branch = Arrays.array(manager, Arrays.plain(dtype, 3, SHAPE));
            branch.setRequiresGradient(true);
            DropPathAdd block = block(mode, 0.3, x -> branch, Generator.from(STATE));
            NDArray out = Arrays.forward(block, leaf, true);
            Arrays.backward(collector, out, dy);
            Arrays.assertBits(dy, Arrays.plain(leaf.getGradient()), "residual");
            Arrays.assertBits(
                    Arrays.unsigned(dx),
                    Arrays.unsigned(Arrays.plain(branch.getGradient())),
                    "branch");
        }
    }

    /** Inputs and branches with strides of their own. */
    @ParameterizedTest
    @MethodSource("all")
    void strides(Route route, DType dtype, DropPath.Mode mode) {
        route.use();
        List<UnaryOperator<NDArray>> branches =
                List.of(x -> x, NDArray::neg, x -> x.transpose(0, 2, 1).transpose(0, 2, 1).neg());
        for (UnaryOperator<NDArray> branch : branches) {
            try (NDManager manager = Arrays.manager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray leaf = Arrays.array(manager, Arrays.plain(dtype, 1, 6, 19, 5));
                leaf.setRequiresGradient(true);
                NDArray x = leaf.transpose(1, 0, 2);
                Tensor y = Arrays.zeros(dtype, SHAPE);
                layer(mode, 0.3)
                        .forward(
                                Arrays.plain(branch.apply(x)), null, Arrays.plain(x), y, STATE);
                DropPathAdd block = block(mode, 0.3, branch, Generator.from(STATE));
                NDArray out = Arrays.forward(block, x, true);
                Arrays.assertBits(y, Arrays.plain(out), "y");
                Arrays.backward(collector, out, Arrays.plain(dtype, 2, SHAPE));
                assertEquals(new Shape(6, 19, 5), leaf.getGradient().getShape());
            }
        }
    }

    /** Where the branch gives another type, the engine adds what DropPath gives. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void anotherTypeOfTheBranch(Route route) {
        route.use();
        Tensor x = Arrays.plain(DType.FLOAT32, 1, SHAPE);
        Tensor y = Arrays.plain(DType.FLOAT64, 2, SHAPE);
        Tensor dy = Arrays.plain(DType.FLOAT64, 3, SHAPE);
        Tensor dx = Arrays.zeros(DType.FLOAT64, SHAPE);
        Tensor rounded = Arrays.zeros(DType.FLOAT32, SHAPE);
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray residual = Arrays.array(manager, x);
            NDArray branch = Arrays.array(manager, y);
            residual.setRequiresGradient(true);
            branch.setRequiresGradient(true);
            DropPath layer = new DropPath(0.3);
            layer.forward(y, y, STATE);
            layer.backward(dy, dx, STATE);
            for (long i = 0; i < x.size(); i++) {
                y.set(i, x.get(i) + y.get(i));
                rounded.set(i, dy.get(i));
            }
            DropPathAdd block =
                    block(DropPath.Mode.ROW, 0.3, in -> branch, Generator.from(STATE));
            NDArray out = Arrays.forward(block, residual, true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
            Arrays.backward(collector, out, dy);
            Arrays.assertBits(rounded, Arrays.plain(residual.getGradient()), "residual");
            Arrays.assertBits(
                    Arrays.unsigned(dx),
                    Arrays.unsigned(Arrays.plain(branch.getGradient())),
                    "branch");
        }
    }

    /** The sum is that of the engine, and no state is taken. */
    @ParameterizedTest
    @EnumSource(DType.class)
    void evaluation(DType dtype) {
        Generator generator = Generator.from(STATE);
        DropPathAdd block = block(DropPath.Mode.ROW, 0.3, NDArray::neg, generator);
        try (NDManager manager = Arrays.manager()) {
            NDArray x = Arrays.array(manager, Arrays.plain(dtype, 1, SHAPE));
            Arrays.assertBits(
                    Arrays.zeros(dtype, SHAPE), Arrays.plain(Arrays.forward(block, x, false)), "y");
        }
        assertEquals(STATE, generator.state());
    }

    /** Neither a call that succeeds nor one that fails leaves more than its result behind. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void nothingIsLeftBehind(Route route) {
        route.use();
        Error failure = new Error("no helper");
        List<Executor> executors =
                List.of(
                        Runnable::run,
                        task -> {
                            throw failure;
                        });
        for (Executor executor : executors) {
            for (boolean recorded : new boolean[] {false, true}) {
                try (NDManager manager = Arrays.manager()) {
                    NDArray leaf =
                            Arrays.array(manager, Arrays.plain(DType.FLOAT32, 1, 110, 100, 100));
                    NDArray x = leaf.transpose(1, 0, 2);
                    NDArray branch = leaf.transpose(2, 0, 1);
                    DropPathAdd block =
                            DropPathAdd.builder()
                                    .setBranch(LambdaBlock.singleton(in -> branch))
                                    .optRate(0.1)
                                    .optExecution(Execution.automatic().over(executor, 2))
                                    .build();
                    JniUtils.setGradMode(recorded);
                    leaf.setRequiresGradient(recorded);
                    int before = manager.getManagedArrays().size();
                    if (executor == executors.getFirst()) {
                        Arrays.forward(block, x, true).close();
                    } else {
                        assertSame(
                                failure,
                                assertThrows(
                                        Error.class, () -> Arrays.forward(block, x, true)));
                    }
                    assertEquals(before, manager.getManagedArrays().size());
                } finally {
                    JniUtils.setGradMode(false);
                }
            }
        }
    }

    @Test
    void integersAndTexts() {
        Generator generator = Generator.from(STATE);
        try (NDManager manager = Arrays.manager()) {
            NDArray numbers = manager.ones(new Shape(2));
            NDArray text = manager.create(new String[] {"a", "b"});
            NDArray integers = manager.ones(new Shape(2), DataType.INT32);
            for (NDArray[] pair :
                    new NDArray[][] {
                        {text, numbers}, {numbers, text}, {integers, numbers}, {numbers, integers}
                    }) {
                for (double rate : new double[] {0, 0.3}) {
                    DropPathAdd block = block(DropPath.Mode.ROW, rate, x -> pair[1], generator);
                    String message =
                            assertThrows(
                                            IllegalArgumentException.class,
                                            () -> Arrays.forward(block, pair[0], true))
                                    .getMessage();
                    assertTrue(
                            message.endsWith(
                                    ", allowed are float16, bfloat16, float32, float64"),
                            message);
                }
            }
        }
        assertEquals(STATE, generator.state());
    }
}
