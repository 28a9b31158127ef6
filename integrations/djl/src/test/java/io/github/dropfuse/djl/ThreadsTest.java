package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads that train at once. DJL's collector is for one thread, so these call what it calls. */
class ThreadsTest {
    private static final int THREADS = 4;
    private static final int STEPS = 30;

    @ParameterizedTest
    @EnumSource(Route.class)
    void eachWithItsOwnGenerator(Route route) throws Exception {
        route.use();
        Generator root = Generator.seeded(20);
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            Generator generator = root.split(thread);
            Samples sample = Samples.values()[thread % 2 == 0 ? 0 : 4];
            tasks.add(
                    () -> {
                        RandomBlock block = sample.block(generator);
                        for (int step = 0; step < STEPS; step++) {
                            PhiloxState state = generator.state();
                            assertEquals(step, state.offset());
                            step(sample, block, state);
                        }
                        return null;
                    });
        }
        run(tasks);
    }

    private static void step(Samples sample, RandomBlock block, PhiloxState state) {
        Tensor x = Arrays.plain(DType.FLOAT32, state.offset(), sample.shape());
        Tensor dy = Arrays.plain(DType.FLOAT32, -1, sample.shape());
        Tensor y = Arrays.zeros(DType.FLOAT32, sample.shape());
        Tensor dx = Arrays.zeros(DType.FLOAT32, sample.shape());
        sample.layer().forward(x, y, state);
        sample.layer().backward(dy, dx, state);
        JniUtils.setGradMode(true);
        try (NDManager manager = Arrays.manager()) {
            NDArray leaf = Arrays.array(manager, x);
            leaf.setRequiresGradient(true);
            NDArray out = Arrays.forward(block, leaf, true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
            JniUtils.backward((PtNDArray) out, Arrays.array(manager, dy), false, false);
            Arrays.assertBits(
                    Arrays.unsigned(dx), Arrays.unsigned(Arrays.plain(leaf.getGradient())), "dx");
        }
    }

    /** One block for all: each call has one of the states, and none has another one's. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void allWithOneBlock(Route route) throws Exception {
        route.use();
        Samples sample = Samples.DROPOUT;
        Generator generator = Generator.seeded(21);
        RandomBlock block = sample.block(generator);
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 7, 30, 11);
        List<Callable<List<String>>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            tasks.add(
                    () -> {
                        List<String> digests = new ArrayList<>();
                        try (NDManager manager = Arrays.manager()) {
                            NDArray array = Arrays.array(manager, x);
                            for (int step = 0; step < STEPS; step++) {
                                digests.add(
                                        digest(Arrays.plain(Arrays.forward(block, array, true))));
                            }
                        }
                        return digests;
                    });
        }
        Set<String> seen = new HashSet<>();
        run(tasks).forEach(seen::addAll);
        Set<String> expected = new HashSet<>();
        for (long offset = 0; offset < THREADS * STEPS; offset++) {
            Tensor y = Arrays.zeros(DType.FLOAT32, 7, 30, 11);
            sample.layer().forward(x, y, new PhiloxState(21, offset));
            expected.add(digest(y));
        }
        assertEquals(THREADS * STEPS, expected.size());
        assertEquals(expected, seen);
        assertEquals(THREADS * STEPS, generator.state().offset());
    }

    private static String digest(Tensor tensor) {
        return HexFormat.of()
                .formatHex((byte[]) tensor.segment().heapBase().orElseThrow());
    }

    private static <T> List<T> run(List<Callable<T>> tasks) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(tasks.size())) {
            for (Future<T> future : executor.invokeAll(tasks)) {
                results.add(future.get());
            }
        }
        return results;
    }
}
