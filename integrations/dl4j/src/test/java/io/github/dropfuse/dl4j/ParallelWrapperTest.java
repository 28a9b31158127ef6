package io.github.dropfuse.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** The workers of a ParallelWrapper have masks of their own. */
class ParallelWrapperTest {
    private static final int WORKERS = 3;

    /** Keeps which inputs of a network's last layer were dropped in its first step, by thread. */
    private static final class FirstMasks extends BaseTrainingListener {
        private final Map<String, boolean[]> byThread =
                Collections.synchronizedMap(new TreeMap<>());

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            // The first layer's dropout is in place on a copy; the second's is on its activations.
            INDArray dropped = activations.get(1);
            boolean[] zeros = new boolean[(int) dropped.length()];
            for (int i = 0; i < zeros.length; i++) {
                zeros[i] = dropped.getDouble(i) == 0;
            }
            byThread.putIfAbsent(Thread.currentThread().getName(), zeros);
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

    private static Map<String, boolean[]> train(MultiLayerNetwork network) {
        DataSet same = Networks.batches(1).getFirst();
        List<DataSet> examples = new ArrayList<>();
        for (int i = 0; i < 2 * WORKERS; i++) {
            examples.addAll(same.asList());
        }
        FirstMasks masks = new FirstMasks();
        ParallelWrapper wrapper =
                new ParallelWrapper.Builder<>(network)
                        .workers(WORKERS)
                        .averagingFrequency(1)
                        .prefetchBuffer(0)
                        .build();
        wrapper.setListeners(masks);
        wrapper.fit(new ListDataSetIterator<>(examples, same.numExamples()));
        wrapper.shutdown();
        return masks.byThread;
    }

    @Test
    void noTwoWorkersHaveOneMask() {
        List<boolean[]> masks = List.copyOf(train(network()).values());
        assertEquals(WORKERS, masks.size());
        for (int i = 0; i < WORKERS; i++) {
            for (int j = 0; j < i; j++) {
                assertFalse(Arrays.equals(masks.get(i), masks.get(j)), i + " and " + j);
            }
        }
    }

    @Test
    void theSameRunHasTheSameBits() {
        MultiLayerNetwork first = network();
        MultiLayerNetwork second = network();
        train(first);
        train(second);
        assertArrayEquals(Networks.parameters(first), Networks.parameters(second));
    }
}
