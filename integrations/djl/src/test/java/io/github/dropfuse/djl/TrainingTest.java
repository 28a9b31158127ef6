package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks with every kind of block under DJL's own Trainer. */
class TrainingTest {
    private static final int SAMPLES = 48;
    private static final int BATCH = 16;
    private static final int FEATURES = 12;

    /** A network in training, with data of its own. */
    private static final class Run implements AutoCloseable {
        private final Model model;
        private final Trainer trainer;
        private final NDManager manager = Arrays.manager();
        private final NDArray x;
        private final NDArray labels;
        private final ArrayDataset data;

        Run(Generator generator, Path saved) throws Exception {
            model = Model.newInstance("run", "PyTorch");
            model.setBlock(net(generator));
            if (saved != null) {
                model.load(saved, "run");
            }
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.sgd()
                                            .setLearningRateTracker(Tracker.fixed(0.1f))
                                            .build())
                            .optInitializer(new NormalInitializer(), Parameter.Type.WEIGHT);
            trainer = model.newTrainer(config);
            trainer.initialize(new Shape(BATCH, FEATURES));
            if (saved == null) {
                fill(model.getBlock());
            }
            x = Arrays.array(manager, Arrays.plain(DType.FLOAT32, 6, SAMPLES, FEATURES));
            labels = x.get(":, 0").gt(0).toType(DataType.INT64, false);
            data =
                    new ArrayDataset.Builder()
                            .setData(x)
                            .optLabels(labels)
                            .setSampling(BATCH, false)
                            .build();
        }

        private static Block net(Generator generator) {
            return new SequentialBlock()
                    .add(Linear.builder().setUnits(FEATURES).build())
                    .add(DropoutBlock.builder().optRate(0.2).optGenerator(generator).build())
                    .add(AlphaDropoutBlock.builder().optRate(0.1).optGenerator(generator).build())
                    .add(
                            DropPathAdd.builder()
                                    .setBranch(
                                            new SequentialBlock()
                                                    .add(
                                                            Linear.builder()
                                                                    .setUnits(FEATURES)
                                                                    .build())
                                                    .add(Activation.reluBlock()))
                                    .optRate(0.3)
                                    .optGenerator(generator)
                                    .build())
                    .add(GaussianNoiseBlock.builder().optGenerator(generator).build())
                    .add(
                            GaussianDropoutBlock.builder()
                                    .optRate(0.1)
                                    .optGenerator(generator)
                                    .build())
                    .add(Linear.builder().setUnits(2).build());
        }

        /** Parameters that do not depend on the engine's random numbers. */
        private static void fill(Block block) {
            long seed = 100;
            for (Parameter parameter : block.getParameters().values()) {
                NDArray array = parameter.getArray();
                TorchArray.of(array)
                        .tensor()
                        .copyFrom(
                                Arrays.plain(
                                        DType.FLOAT32, seed++, array.getShape().getShape()));
            }
        }

        void epoch() throws Exception {
            for (Batch batch : trainer.iterateDataset(data)) {
                step(batch);
            }
        }

        float loss() {
            NDList predictions = trainer.evaluate(new NDList(x));
            return trainer.getLoss().evaluate(new NDList(labels), predictions).getFloat();
        }

        void step(Batch batch) {
            EasyTrain.trainBatch(trainer, batch);
            trainer.step();
            batch.close();
        }

        List<String> parameters() {
            List<String> all = new ArrayList<>();
            for (Parameter parameter : model.getBlock().getParameters().values()) {
                Tensor plain = Arrays.plain(parameter.getArray());
                byte[] bytes = (byte[]) plain.segment().heapBase().orElseThrow();
                all.add(HexFormat.of().formatHex(bytes));
            }
            return all;
        }

        void save(Path directory) throws Exception {
            model.save(directory, "run");
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
            manager.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void savedAndResumedGivesTheBitsOfAnUninterruptedRun(Route route, @TempDir Path directory)
            throws Exception {
        route.use();
        List<String> whole;
        try (Run run = new Run(Generator.seeded(7), null)) {
            for (int epoch = 0; epoch < 4; epoch++) {
                run.epoch();
            }
            whole = run.parameters();
        }
        List<String> half;
        try (Run run = new Run(Generator.seeded(7), null)) {
            run.epoch();
            run.epoch();
            run.save(directory);
            half = run.parameters();
        }
        assertNotEquals(whole, half);
        try (Run run = new Run(Generator.seeded(1), directory)) {
            assertEquals(half, run.parameters());
            run.epoch();
            run.epoch();
            assertEquals(whole, run.parameters());
        }
    }

    @Test
    void bothRoutesEndAtTheSameParameters() throws Exception {
        List<List<String>> ends = new ArrayList<>();
        for (Route route : Route.values()) {
            route.use();
            try (Run run = new Run(Generator.seeded(7), null)) {
                run.epoch();
                run.epoch();
                ends.add(run.parameters());
            }
        }
        assertEquals(ends.get(0), ends.get(1));
    }

    /** DJL has one collector at a time, so trainers take turns; each has its own masks. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void severalTrainers(Route route) throws Exception {
        route.use();
        List<List<String>> alone = new ArrayList<>();
        for (int worker = 0; worker < 2; worker++) {
            try (Run run = new Run(Generator.seeded(7).split(worker), null)) {
                run.epoch();
                alone.add(run.parameters());
            }
        }
        assertNotEquals(alone.get(0), alone.get(1));
        try (Run one = new Run(Generator.seeded(7).split(0), null);
                Run two = new Run(Generator.seeded(7).split(1), null)) {
            var batches = two.trainer.iterateDataset(two.data).iterator();
            for (Batch batch : one.trainer.iterateDataset(one.data)) {
                one.step(batch);
                two.step(batches.next());
            }
            assertEquals(alone, List.of(one.parameters(), two.parameters()));
        }
    }

    @ParameterizedTest
    @EnumSource(Route.class)
    void learns(Route route) throws Exception {
        route.use();
        try (Run run = new Run(Generator.seeded(7), null)) {
            float begun = run.loss();
            for (int epoch = 0; epoch < 20; epoch++) {
                run.epoch();
            }
            float ended = run.loss();
            assertTrue(ended < begun / 2, () -> begun + " " + ended);
        }
    }
}
