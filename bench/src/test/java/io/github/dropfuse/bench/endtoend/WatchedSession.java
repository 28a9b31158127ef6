package io.github.dropfuse.bench.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.dropfuse.Generator;
import io.github.dropfuse.djl.TorchOperator;
import java.util.ArrayList;
import java.util.List;

/** A session whose dropouts are watched, and the tests that every route has to pass. */
final class WatchedSession extends DjlSession {
    private final List<Seen> seen = new ArrayList<>();

    WatchedSession(Setting.Route route) {
        super(new Setting(route, Setting.Memory.DEFAULT, 2, true));
    }

    @Override
    Block dropout(Contender contender, double p) {
        return new Watched(super.dropout(contender, p), p, false);
    }

    @Override
    Block dropPath(Contender contender, double p) {
        return new Watched(super.dropPath(contender, p), p, true);
    }

    /** That each contender does in a training step what its name says. */
    void assertRight(DjlTraining task, int dropouts) {
        try (task) {
            for (Contender contender : task.contenders()) {
                seen.clear();
                Generator generator = Generator.from(generator().state());
                task.call(contender);
                assertEquals(dropouts, seen.size());
                seen.forEach(one -> assertRight(one, contender, generator));
            }
        }
    }

    private static void assertRight(Seen one, Contender contender, Generator generator) {
        switch (contender) {
            case NONE -> one.assertUnchanged();
            case FRAMEWORK ->
                    one.assertDropped(
                            1 / (float) (1 - (one.samples() ? one.p() : (double) (float) one.p())));
            case DROPFUSE, DROPFUSE_POOL -> one.assertReference(generator.next());
        }
    }

    /** The same for dropout by itself, whose gradient has to have the mask of its output. */
    void assertRight(DjlDropout task) {
        try (task) {
            for (Contender contender : task.contenders()) {
                seen.clear();
                Generator generator = Generator.from(generator().state());
                task.call(contender);
                assertRight(seen.getFirst(), contender, generator);
                try (DjlDropout.Pass pass = task.pass(contender)) {
                    long[] shape = pass.x().getShape().getShape();
                    float[] dx = pass.x().getGradient().toFloatArray();
                    if (!TorchOperator.isInstalled()) {
                        withoutSignOfZeros(dx);
                    }
                    Seen gradient =
                            new Seen(DjlDropout.P, false, shape, pass.dy().toFloatArray(), dx);
                    assertRight(gradient, contender, generator);
                    float[] y = pass.y().toFloatArray();
                    for (int e = 0; e < y.length; e++) {
                        assertEquals(y[e] == 0, dx[e] == 0, "element " + e);
                    }
                }
            }
        }
    }

    /** A product's zeros have one. */
    private static void withoutSignOfZeros(float[] values) {
        for (int e = 0; e < values.length; e++) {
            values[e] += 0f;
        }
    }

    /** A block that keeps what it saw. */
    private final class Watched extends AbstractBlock {
        private final Block block;
        private final double p;
        private final boolean samples;

        Watched(Block block, double p, boolean samples) {
            this.block = addChildBlock("watched", block);
            this.p = p;
            this.samples = samples;
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameterStore,
                NDList inputs,
                boolean training,
                PairList<String, Object> params) {
            float[] before = inputs.singletonOrThrow().toFloatArray();
            NDList outputs = block.forward(parameterStore, inputs, training, params);
            NDArray y = outputs.singletonOrThrow();
            seen.add(new Seen(p, samples, y.getShape().getShape(), before, y.toFloatArray()));
            return outputs;
        }

        @Override
        protected void initializeChildBlocks(
                NDManager manager, DataType dataType, Shape... inputShapes) {
            block.initialize(manager, dataType, inputShapes);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }
    }
}
