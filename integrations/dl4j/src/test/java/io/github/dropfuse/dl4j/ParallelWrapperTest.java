package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The workers of a ParallelWrapper have masks of their own. */
class ParallelWrapperTest {
    private static final int WORKERS = 3;
    private static final int ITERATIONS = 2;
    private static final int EXAMPLES = 8;

    private static final Pattern WORKER = Pattern.compile(".* (\\d+)");

    /** A worker, from 1 on, and which inputs of a network's second layer it dropped in a step. */
    private record Step(int worker, List<Boolean> dropped) {}

    /** Keeps the steps of all threads. */
    private static final class Steps extends BaseTrainingListener {
        private final Set<Step> seen = ConcurrentHashMap.newKeySet();

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            Matcher name = WORKER.matcher(Thread.currentThread().getName());
            assertTrue(name.matches());
            // The second layer drops its input, which is the first one's output, in place.
            Tensor dropped = Plain.read(activations.get(1));
            seen.add(new Step(Integer.parseInt(name.group(1)) + 1, zeros(dropped)));
        }
    }

    private static MultiLayerNetwork network() {
        return Networks.dense(
                5,
                WorkspaceMode.ENABLED,
                null,
                new DropfuseDropout(0.5).seeded(Plain.SEED),
                new DropfuseDropout(0.5).seeded(Plain.SEED));
    }

    private static List<Boolean> zeros(Tensor tensor) {
        return LongStream.range(0, tensor.size()).mapToObj(i -> tensor.get(i) == 0).toList();
    }

    /**
     * The step of the network's first stream, the second layer's. The first worker trains the
     * network itself, the others copies of it.
     */
    private static Step expected(int worker, int iteration) {
        PhiloxState own = Plain.training(0, iteration);
        PhiloxState state =
                worker == 1 ? own : new PhiloxState(Stream.derive(own.seed(), worker), own.offset());
        Tensor y = Plain.read(Nd4j.ones(DataType.FLOAT, EXAMPLES, 16));
        new Dropout(0.5).forward(y, y, state);
        return new Step(worker, zeros(y));
    }

    /**
     * ParallelWrapper copies the network while the first worker may be training it already, and so
     * two runs differ even without dropout. A worker's masks follow from the iteration that it is in.
     */
    @Test
    void aWorkersMasksFollowFromSeedAndIteration() {
        DataSet same = Networks.batches(1).getFirst();
        List<DataSet> examples = new ArrayList<>();
        for (int i = 0; i < ITERATIONS * WORKERS; i++) {
            examples.addAll(same.asList());
        }
        MultiLayerNetwork network = network();
        ParallelWrapper wrapper =
                new ParallelWrapper.Builder<>(network)
                        .workers(WORKERS)
                        .averagingFrequency(1)
                        .prefetchBuffer(0)
                        .build();
        Steps steps = new Steps();
        wrapper.setListeners(steps);
        wrapper.fit(new ListDataSetIterator<>(examples, EXAMPLES));
        wrapper.shutdown();

        Set<Step> ownMasks = new HashSet<>();
        for (int worker = 1; worker <= WORKERS; worker++) {
            for (int iteration = 0; iteration <= ITERATIONS; iteration++) {
                ownMasks.add(expected(worker, iteration));
            }
        }
        assertEquals(
                (ITERATIONS + 1) * WORKERS,
                ownMasks.stream().map(Step::dropped).distinct().count(),
                "no two workers or iterations have one mask");
        assertEquals(ITERATIONS * WORKERS, steps.seen.size());
        assertTrue(ownMasks.containsAll(steps.seen));
    }
}
