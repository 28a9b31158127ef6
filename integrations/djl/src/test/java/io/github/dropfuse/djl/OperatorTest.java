package io.github.dropfuse.djl;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Execution;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong inside the operator, what others see of it, and what it leaves behind. */
class OperatorTest {
    private static final PhiloxState STATE = new PhiloxState(4, 2);

    @BeforeEach
    void install() {
        TorchOperator.install();
        TorchOperator.install();
        assertTrue(TorchOperator.isInstalled());
    }

    private static Recipe recipe(Layer.Pass forward, Layer.Pass backward) {
        return new Recipe(
                "test " + System.identityHashCode(forward),
                execution -> Layer.of(x -> {}, forward, backward),
                Execution.automatic(),
                new Recipe.Factors.None(),
                false);
    }

    private static void works() {
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 7, 30, 11);
        Tensor y = Arrays.zeros(DType.FLOAT32, 7, 30, 11);
        Samples.DROPOUT.layer().forward(x, y, STATE);
        try (NDManager manager = Arrays.manager()) {
            NDArray out =
                    Arrays.forward(
                            Samples.DROPOUT.block(Generator.from(STATE)),
                            Arrays.array(manager, x),
                            true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
        }
    }

    @Test
    @SuppressWarnings("try") // the collector is open, no more
    void exceptionsOfTheForwardPassComeOut() {
        List<Throwable> failures =
                List.of(
                        new IllegalStateException("forward"),
                        new OutOfMemoryError("forward"),
                        new StackOverflowError("forward"));
        for (Throwable failure : failures) {
            Recipe failing =
                    recipe(
                            (x, y, state) -> {
                                OperatorTest.<RuntimeException>sneak(failure);
                            },
                            (dy, dx, state) -> {});
            try (NDManager manager = Arrays.manager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray x = manager.ones(new Shape(3));
                x.setRequiresGradient(true);
                TorchArray array = TorchArray.of(x);
                assertSame(
                        failure,
                        assertThrows(
                                Throwable.class,
                                () -> TorchOperator.apply(failing, array, STATE)));
                assertEquals(3, x.sum().getFloat());
            }
            works();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    /** There is no way to hand an exception through libtorch: it has to throw one of its own. */
    @Test
    void exceptionsOfTheBackwardPassAreErrorsOfTheEngine() {
        Logger logger = Logger.getLogger(TorchOperator.class.getName());
        logger.setLevel(Level.OFF);
        Recipe failing =
                recipe(
                        (x, y, state) -> y.copyFrom(x),
                        (dy, dx, state) -> {
                            throw new IllegalStateException("backward");
                        });
        for (long[] shape : new long[][] {{}, {3}, {2, 3}, {1}, {0, 2}}) {
            try (NDManager manager = Arrays.manager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray x = manager.ones(new Shape(shape));
                x.setRequiresGradient(true);
                NDArray y = TorchOperator.apply(failing, TorchArray.of(x), STATE);
                NDArray loss = y.sum();
                assertThrows(EngineException.class, () -> collector.backward(loss));
            }
            works();
        }
        logger.setLevel(null);
    }

    /** Who calls the operators by name on a CPU used to get an error, and still does. */
    @Test
    void foreignCalls() {
        works();
        try (NDManager manager = Arrays.manager();
                Arena arena = Arena.ofConfined()) {
            PtNDArray x = (PtNDArray) manager.ones(new Shape(2));
            MemorySegment stack = arena.allocate(JAVA_LONG, 3);
            stack.setAtIndex(JAVA_LONG, 0, LibTorch.newHandle(x.getHandle()));
            stack.setAtIndex(JAVA_DOUBLE, 1, 0.5);
            LibTorch.call(
                    arena.allocateFrom("aten::_fused_dropout"), arena.allocateFrom(""), stack);
            for (int result = 0; result < 2; result++) {
                PtNDArray y =
                        new PtNDArray(
                                (PtNDManager) manager, stack.getAtIndex(JAVA_LONG, result));
                assertThrows(EngineException.class, y::sum);
            }
        }
        works();
    }

    @Test
    void foreignMasks() {
        Logger logger = Logger.getLogger(TorchOperator.class.getName());
        logger.setLevel(Level.OFF);
        try (NDManager manager = Arrays.manager();
                Arena arena = Arena.ofConfined()) {
            for (Tensor mask :
                    new Tensor[] {
                        Tensor.of(new float[] {1, 0, 1, 1}, 4),
                        Tensor.of(new double[] {1, 0, 1, 1}, 4),
                        Tensor.of(new double[] {Double.NaN, 0, 1}, 3)
                    }) {
                PtNDArray dy = (PtNDArray) manager.ones(new Shape(4));
                MemorySegment stack = arena.allocate(JAVA_LONG, 3);
                stack.setAtIndex(JAVA_LONG, 0, LibTorch.newHandle(dy.getHandle()));
                stack.setAtIndex(
                        JAVA_LONG,
                        1,
                        LibTorch.newHandle(Arrays.array(manager, mask).getHandle()));
                stack.setAtIndex(JAVA_DOUBLE, 2, 2);
                LibTorch.call(
                        arena.allocateFrom("aten::_masked_scale"), arena.allocateFrom(""), stack);
                long result = stack.getAtIndex(JAVA_LONG, 0);
                assertEquals(9, LibTorch.dtype(result), "a complex number, which fits nothing");
                LibTorch.delete(result);
            }
        }
        logger.setLevel(null);
        works();
    }

    /** libtorch computes it with what it takes for a mask: that must not look like a result. */
    @Test
    @SuppressWarnings("try") // likewise
    void secondDerivatives() {
        RandomBlock block = Samples.DROPOUT.block(Generator.from(STATE));
        for (long[] shape : new long[][] {{}, {1}, {3}, {4}, {5}, {2, 4}, {4, 1}, {2, 5}}) {
            try (NDManager manager = Arrays.manager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray x = manager.ones(new Shape(shape));
                x.setRequiresGradient(true);
                NDArray y = Arrays.forward(block, x, true);
                NDArray loss = y.mul(y).sum();
                PtNDArray one = (PtNDArray) manager.ones(new Shape());
                try {
                    JniUtils.backward((PtNDArray) loss, one, true, true);
                    NDArray gradient = x.getGradient();
                    assertEquals(gradient.size(), gradient.isNaN().countNonzero().getLong());
                } catch (EngineException refused) {
                    assertTrue(refused.getMessage().contains("must match"), refused::getMessage);
                }
            }
        }
    }

    /** A graph asks for a layer by its number, so that each is kept, but once. */
    @Test
    void blocksOfOneKindShareALayer() {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        List<Supplier<Execution>> executions =
                List.of(
                        () -> Execution.automatic().sequential(),
                        () -> Execution.automatic().on(Backends.reference()),
                        () -> Execution.automatic().over(pool, 2));
        for (Supplier<Execution> execution : executions) {
            forwardOnce(execution.get());
            int layers = TorchOperator.layers();
            forwardOnce(execution.get());
            assertEquals(layers, TorchOperator.layers());
        }
        int layers = TorchOperator.layers();
        forwardOnce(Execution.automatic().over(pool, 3));
        assertEquals(layers + 1, TorchOperator.layers(), "other threads are another layer");
    }

    private static void forwardOnce(Execution execution) {
        RandomBlock block = DropoutBlock.builder().optRate(0.123).optExecution(execution).build();
        try (NDManager manager = Arrays.manager()) {
            Arrays.forward(block, manager.ones(new Shape(3)), true);
        }
    }

    @Test
    void executionsAreValues() {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        Execution automatic = Execution.automatic();
        Backend reference = Backends.reference();
        List<Supplier<Execution>> all =
                List.of(
                        () -> automatic,
                        automatic::sequential,
                        () -> automatic.over(pool, 2),
                        () -> automatic.over(pool, 3),
                        () -> automatic.over(Runnable::run, 2),
                        () -> automatic.on(reference),
                        () -> automatic.on(reference).sequential(),
                        () -> automatic.on(reference).over(pool, 2));
        for (int i = 0; i < all.size(); i++) {
            Execution one = all.get(i).get();
            assertEquals(one, one);
            for (int j = 0; j < all.size(); j++) {
                Execution other = all.get(j).get();
                if (i != j) {
                    assertNotEquals(one, other, i + " and " + j);
                } else if (i != 4) { // a lambda may be another object each time
                    assertEquals(one, other, "number " + i);
                    assertEquals(one.hashCode(), other.hashCode(), "number " + i);
                }
            }
        }
    }

    /** What is missing is said before anything is registered, by its name. */
    @Test
    void everyFunctionIsNeeded() {
        assertEquals(15, LibTorch.NEEDED.size());
        for (String missing : LibTorch.NEEDED) {
            SymbolLookup others =
                    name ->
                            name.equals(missing)
                                    ? Optional.empty()
                                    : Optional.of(MemorySegment.NULL);
            assertEquals(
                    "libtorch has no " + missing + "; needed is libtorch 2.7 or newer",
                    assertThrows(
                                    UnsupportedOperationException.class,
                                    () -> LibTorch.requireAll(others))
                            .getMessage());
        }
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new AssertionError("no RssAnon in /proc/self/status");
    }

    /**
     * A chain of 3 calls on 40 MiB each, of which nobody holds more than the last result. Memory of
     * that size goes back to the system as soon as it is freed.
     */
    @Test
    void keepsNothingForTheBackwardPass() throws IOException {
        long operator = growth(Route.OPERATOR);
        long product = growth(Route.PRODUCT);
        assertTrue(operator < 60L << 20, () -> "operator " + (operator >> 20) + " MiB");
        assertTrue(product > 100L << 20, () -> "product " + (product >> 20) + " MiB");
    }

    private static long growth(Route route) throws IOException {
        route.use();
        RandomBlock block = DropoutBlock.builder().optRate(0.01).build();
        try (NDManager manager = Arrays.manager();
                GradientCollector collector =
                        Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray x = manager.ones(new Shape(10 << 20));
            x.setRequiresGradient(true);
            NDArray y = Arrays.forward(block, x, true);
            long before = resident();
            for (int call = 0; call < 3; call++) {
                NDArray next = Arrays.forward(block, y, true);
                y.close();
                y = next;
            }
            long after = resident();
            collector.backward(y.sum());
            return after - before;
        }
    }

    /** 1,200 steps on 256 KiB: a single tensor that is not freed would be 300 MiB. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void nothingLeaks(Route route) throws IOException {
        route.use();
        List<RandomBlock> blocks =
                List.of(
                        DropoutBlock.builder().optRate(0.1).build(),
                        AlphaDropoutBlock.builder().optRate(0.1).build(),
                        GaussianNoiseBlock.builder().build(),
                        DropPathAdd.builder()
                                .setBranch(LambdaBlock.singleton(NDArray::neg))
                                .optRate(0.1)
                                .build());
        try (NDManager manager = Arrays.manager()) {
            NDArray leaf = manager.ones(new Shape(128, 512));
            leaf.setRequiresGradient(true);
            for (RandomBlock block : blocks) {
                steps(block, leaf, 150);
                long before = resident();
                steps(block, leaf, 1200);
                long grown = resident() - before;
                assertTrue(grown < 100L << 20, () -> block + " " + (grown >> 20) + " MiB");
            }
        }
    }

    private static void steps(RandomBlock block, NDArray leaf, int count) {
        for (int step = 0; step < count; step++) {
            try (NDManager batch = leaf.getManager().newSubManager();
                    GradientCollector collector =
                            Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray x = leaf.transpose(1, 0);
                x.attach(batch);
                NDArray y = Arrays.forward(block, x, true);
                NDArray loss = y.sum();
                collector.backward(loss);
            }
        }
    }

    /** In a process of its own, where nothing was installed before. */
    @Test
    void changesNothingForOtherCode() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OtherCode.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertFalse(output.contains("Overriding"), output);
        List<String> lines = output.lines().filter(line -> line.contains(" install: ")).toList();
        assertEquals(2, lines.size(), output);
        assertEquals(
                lines.get(0).replace("before", "after"), lines.get(1), output);
    }
}
