package io.github.dropfuse.bench.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** That each contender does in a training step what its name says. */
class Dl4jTest {
    private static final List<Seen> SEEN = new ArrayList<>();

    @BeforeEach
    void start() {
        Dl4jTraining.start(2);
        SEEN.clear();
    }

    @Test
    void largeDropout() {
        try (Dl4jDropout task = Dl4jDropout.large(Watching::new)) {
            for (Contender contender : task.contenders()) {
                SEEN.clear();
                task.call(contender);
                assertRight(SEEN.getFirst(), contender, 0);
            }
        }
    }

    @Test
    void mlp() {
        assertRight(Dl4jTraining.mlp(Watching::new), 2, 1, new double[0]);
    }

    @Test
    void digits() {
        assertRight(Dl4jTraining.digits(Watching::new), 4, 2, Tasks.dropPathRates());
    }

    /**
     * Streams are numbered in the order of the layers' first calls: in each residual block the
     * dropout before the sum.
     */
    private static void assertRight(
            Dl4jTraining task, int dropouts, int streamsOfBlock, double[] rates) {
        try (task) {
            for (Contender contender : task.contenders()) {
                SEEN.clear();
                List<Seen> sums = new ArrayList<>();
                task.network(contender).setListeners(new Sums(rates, sums));
                task.call(contender);
                int expected =
                        switch (contender) {
                            case NONE -> 0;
                            case FRAMEWORK -> dropouts + rates.length;
                            default -> dropouts;
                        };
                assertEquals(expected, SEEN.size());
                for (int n = 0; n < SEEN.size(); n++) {
                    assertRight(SEEN.get(n), contender, n * streamsOfBlock);
                }
                // The framework's has dropped from the branch in place by now.
                Contender adding = contender == Contender.FRAMEWORK ? Contender.NONE : contender;
                assertEquals(rates.length, sums.size());
                for (int n = 0; n < sums.size(); n++) {
                    assertRight(sums.get(n), adding, n * streamsOfBlock + 1);
                }
            }
        }
    }

    private static void assertRight(Seen one, Contender contender, int stream) {
        switch (contender) {
            case NONE -> one.assertUnchanged();
            case FRAMEWORK -> one.assertDropped(scale(one.p()));
            default -> one.assertReference(
                    new PhiloxState(Generator.seeded(DjlSession.SEED).split(stream).state().seed(), 0));
        }
    }

    private static float scale(double p) {
        return 1 / (float) (1 - p);
    }

    private static float[] values(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    /** The residual sums of a network. */
    private static final class Sums extends BaseTrainingListener {
        private final double[] rates;
        private final List<Seen> sums;

        Sums(double[] rates, List<Seen> sums) {
            this.rates = rates;
            this.sums = sums;
        }

        @Override
        public void onForwardPass(Model model, Map<String, INDArray> activations) {
            String residual = "pool";
            for (double rate : rates) {
                String block = Dl4jTraining.block(rate);
                INDArray sum = activations.get(block);
                sums.add(
                        new Seen(
                                rate,
                                true,
                                sum.shape(),
                                values(activations.get(block + "b")),
                                values(activations.get(residual)),
                                values(sum)));
                residual = block + "relu";
            }
        }
    }

    /** A contender whose dropouts are watched. */
    private record Watching(Dl4jDrops watched) implements Dl4jDrops {
        Watching(Contender contender) {
            this(Dl4jDrops.of(contender));
        }

        @Override
        public IDropout dropout(double p) {
            return watch(p, false, watched.dropout(p));
        }

        @Override
        public IDropout dropPath(double p) {
            return watch(p, true, watched.dropPath(p));
        }

        @Override
        public GraphVertex sum(double p) {
            return watched.sum(p);
        }

        private static IDropout watch(double p, boolean samples, IDropout dropout) {
            return dropout == null ? null : new Watched(p, samples, dropout);
        }
    }

    private record Watched(double p, boolean samples, IDropout dropout) implements IDropout {
        @Override
        public INDArray applyDropout(
                INDArray x, INDArray result, int iteration, int epoch, LayerWorkspaceMgr manager) {
            float[] before = values(x);
            INDArray y = dropout.applyDropout(x, result, iteration, epoch, manager);
            SEEN.add(new Seen(p, samples, y.shape(), before, values(y)));
            return y;
        }

        @Override
        public INDArray backprop(
                INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
            return dropout.backprop(gradAtOutput, gradAtInput, iteration, epoch);
        }

        @Override
        public void clear() {
            dropout.clear();
        }

        @Override
        public IDropout clone() {
            return new Watched(p, samples, dropout.clone());
        }
    }
}
