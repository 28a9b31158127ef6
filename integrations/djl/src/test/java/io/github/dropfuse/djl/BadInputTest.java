package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import java.nio.FloatBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors name what is wrong and what is allowed; no state is taken and nothing is written. */
class BadInputTest {
    private static final PhiloxState STATE = new PhiloxState(1, 2);

    private final Generator generator = Generator.from(STATE);
    private final RandomBlock dropout = Samples.DROPOUT.block(generator);

    private void refuses(
            Class<? extends Exception> type, String message, RandomBlock block, NDArray x) {
        Exception e = assertThrows(type, () -> Arrays.forward(block, x, true));
        assertEquals(message, e.getMessage());
        assertEquals(STATE, generator.state());
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void integersAndTexts(Route route) {
        route.use();
        String allowed = ", allowed are float16, bfloat16, float32, float64";
        try (NDManager manager = Arrays.manager()) {
            for (DataType type :
                    new DataType[] {
                        DataType.INT8, DataType.UINT8, DataType.INT32, DataType.INT64,
                        DataType.BOOLEAN
                    }) {
                NDArray x = manager.ones(new Shape(3), type);
                refuses(
                        IllegalArgumentException.class, "x is " + type + allowed, dropout, x);
                assertEquals(3, x.toType(DataType.INT64, true).sum().getLong());
            }
            refuses(
                    IllegalArgumentException.class,
                    "x is string" + allowed,
                    dropout,
                    manager.create(new String[] {"a", "b"}));
        }
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void sparse(Route route) {
        route.use();
        try (NDManager manager = Arrays.manager()) {
            NDArray x =
                    manager.createCoo(
                            FloatBuffer.wrap(new float[] {3, 4}),
                            new long[][] {{0, 1}, {2, 0}},
                            new Shape(2, 4));
            refuses(
                    IllegalArgumentException.class,
                    "x is sparse (COO), allowed are dense arrays",
                    dropout,
                    x);
        }
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void closed(Route route) {
        route.use();
        NDManager manager = Arrays.manager();
        NDArray x = manager.ones(new Shape(3));
        NDArray y = manager.ones(new Shape(3));
        y.close();
        ParameterStore store = new ParameterStore(manager, false);
        dropout.initialize(manager, DataType.FLOAT32, new Shape(3));
        for (NDArray closed : new NDArray[] {y, x}) {
            if (closed == x) {
                manager.close();
            }
            Exception e =
                    assertThrows(
                            IllegalStateException.class,
                            () -> dropout.forward(store, new NDList(closed), true));
            assertEquals("x is closed, or its manager is", e.getMessage());
            assertEquals(STATE, generator.state());
        }
    }

    @Test
    void anotherEngine() {
        NDArray x =
                PassthroughNDManager.INSTANCE.create(
                        FloatBuffer.wrap(new float[] {1, 2}), new Shape(2), DataType.FLOAT32);
        NDList inputs = new NDList(x);
        ParameterStore store = new ParameterStore(PassthroughNDManager.INSTANCE, false);
        Exception e =
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> dropout.forward(store, inputs, true));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                " cannot compute a block in training; allowed are those with"
                                        + " arithmetic of their own, such as PyTorch"),
                e::getMessage);
        assertEquals(STATE, generator.state());
        assertSame(x, dropout.forward(store, inputs, false).singletonOrThrow());
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void shapesWithoutMeaning(Route route) {
        route.use();
        try (NDManager manager = Arrays.manager()) {
            refusesRank(Samples.DROPOUT_2D, manager.ones(new Shape(2, 3)));
            refusesRank(Samples.DROP_BLOCK, manager.ones(new Shape(2, 3, 4)));
            refusesRank(Samples.DROP_PATH, manager.ones(new Shape()));
        }
    }

    private void refusesRank(Samples sample, NDArray x) {
        RandomBlock block = sample.block(generator);
        Exception e =
                assertThrows(
                        IllegalArgumentException.class, () -> Arrays.forward(block, x, true));
        int rank = x.getShape().dimension();
        assertTrue(e.getMessage().startsWith("x has rank " + rank), e::getMessage);
        assertTrue(e.getMessage().contains(", allowed "), e::getMessage);
        assertEquals(STATE, generator.state());
    }

    @Test
    void settings() {
        Stream.of(-0.1, 1.1, Double.NaN)
                .forEach(
                        rate ->
                                refuses(
                                        "rate is " + rate + ", allowed are 0 to 1",
                                        () -> DropoutBlock.builder().optRate(rate)));
        refuses(
                "p is 1.0, allowed are 0 to below 1",
                () -> GaussianDropoutBlock.builder().optRate(1).build());
        refuses(
                "sigma is -1.0, allowed are 0 and more, up to the largest finite number",
                () -> GaussianNoiseBlock.builder().optSigma(-1));
        refuses(
                "dimensions is 4, allowed are 2, 3",
                () -> DropBlockBlock.builder().optDimensions(4).build());
        refuses(
                "blockSize is 0, allowed are 1 to the least spatial extent",
                () -> DropBlockBlock.builder().optBlockSize(0).build());
        Stream.<Executable>of(
                        () -> DropoutBlock.builder().optGenerator(null),
                        () -> DropoutBlock.builder().optExecution(null),
                        () -> DropPathBlock.builder().optMode(null),
                        () -> Dropout1dBlock.builder().optChannels(null),
                        () -> DropPathAdd.builder().setBranch(null),
                        () -> DropPathAdd.builder().build())
                .forEach(call -> assertThrows(NullPointerException.class, call));
    }

    private static void refuses(String message, Executable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    /** A sum of different shapes would be broadcast, without a word. */
    @Test
    void aBranchOfAnotherShape() {
        DropPathAdd block =
                DropPathAdd.builder()
                        .setBranch(Linear.builder().setUnits(1).build())
                        .optGenerator(generator)
                        .build();
        try (NDManager manager = Arrays.manager()) {
            refuses(
                    "branch gives shape (4, 1), allowed is its input's (4, 3)",
                    () -> block.initialize(manager, DataType.FLOAT32, new Shape(4, 3)));
        }
    }

    @Test
    void severalInputs() {
        try (NDManager manager = Arrays.manager()) {
            NDArray x = Arrays.array(manager, Arrays.plain(DType.FLOAT32, 1, 2));
            ParameterStore store = new ParameterStore(manager, false);
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> dropout.forward(store, new NDList(x, x), true));
            assertEquals(STATE, generator.state());
        }
    }
}
