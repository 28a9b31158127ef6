package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvaluationTest {
    private static final PhiloxState STATE = new PhiloxState(3, 4);

    @ParameterizedTest
    @EnumSource(Samples.class)
    void isTheIdentity(Samples sample) {
        Generator generator = Generator.from(STATE);
        RandomBlock block = sample.block(generator);
        try (NDManager manager = Arrays.manager()) {
            NDArray x = Arrays.array(manager, Arrays.plain(DType.FLOAT32, 1, sample.shape()));
            assertSame(x, Arrays.forward(block, x, false));
            Arrays.assertBits(
                    Arrays.plain(DType.FLOAT32, 1, sample.shape()), Arrays.plain(x), "x");
            NDArray labels = manager.ones(new Shape(3), DataType.INT32);
            assertSame(labels, Arrays.forward(block, labels, false));
        }
        assertEquals(STATE, generator.state());
    }

    /** Monte-Carlo dropout: training's masks without a collector, and each call another one. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void trainingWithoutGradients(Route route) {
        route.use();
        Generator generator = Generator.from(STATE);
        RandomBlock block = Samples.DROPOUT.block(generator);
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 7, 30, 11);
        try (NDManager manager = Arrays.manager()) {
            NDArray array = Arrays.array(manager, x);
            for (int call = 0; call < 3; call++) {
                PhiloxState state = generator.state();
                Tensor y = Arrays.zeros(DType.FLOAT32, 7, 30, 11);
                Samples.DROPOUT.layer().forward(x, y, state);
                Arrays.assertBits(y, Arrays.plain(Arrays.forward(block, array, true)), "y");
            }
        }
    }

    @Test
    void summary() {
        SequentialBlock net =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(5).build())
                        .add(DropoutBlock.builder().optRate(0.1).build())
                        .add(
                                DropPathAdd.builder()
                                        .setBranch(Linear.builder().setUnits(5).build())
                                        .optRate(0.2)
                                        .build());
        try (NDManager manager = Arrays.manager()) {
            net.initialize(manager, DataType.FLOAT32, new Shape(4, 3));
            String text = net.toString();
            assertTrue(text.contains("DropoutBlock(4, 5) -> (4, 5)"), text);
            assertTrue(text.contains("DropPathAdd(4, 5) {"), text);
            assertTrue(text.contains("branch(4, 5) -> (4, 5)"), text);
            assertEquals(
                    "Dropout[p=0.1, scaling=IN_TRAINING, units=elements](4, 5) -> (4, 5)",
                    net.getChildren().values().get(1).toString());
            assertEquals(4, net.getParameters().size());
            assertEquals(new Shape(4, 5), net.getOutputShapes(new Shape[] {new Shape(4, 3)})[0]);
        }
        assertEquals(
                "GaussianNoise[sigma=0.1]", GaussianNoiseBlock.builder().build().toString());
    }

    /** Blocks without a generator share one, so that they get different masks. */
    @Test
    void theDefaultGenerator() {
        RandomBlock one = DropoutBlock.builder().build();
        RandomBlock two = DropPathBlock.builder().build();
        assertSame(one.generator(), two.generator());
        assertNotEquals(one.generator().next(), two.generator().next());
    }
}
