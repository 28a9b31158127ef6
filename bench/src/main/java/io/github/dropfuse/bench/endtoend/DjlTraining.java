package io.github.dropfuse.bench.endtoend;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/**
 * Training steps in DJL: forward, loss, backward, update. The update is plain gradient descent, the
 * cheapest there is, so that nothing makes the dropout's part look small.
 */
final class DjlTraining implements Task {
    private static final float LEARNING_RATE = 1e-3f;

    /** What a network drops by, as blocks of a probability. */
    private record Drops(DoubleFunction<Block> dropout, DoubleFunction<Block> dropPath) {
        static Drops of(DjlSession session, Contender contender) {
            return new Drops(
                    p -> session.dropout(contender, p), p -> session.dropPath(contender, p));
        }
    }

    private final String name;
    private final Pace pace;
    private final List<Contender> contenders;
    private final NDManager manager;
    private final NDArray x;
    private final NDArray labels;
    private final boolean inputHasGradient;
    private final Map<Contender, Model> models = new EnumMap<>(Contender.class);
    private final Map<Contender, Trainer> trainers = new EnumMap<>(Contender.class);

    private DjlTraining(
            DjlSession session,
            String name,
            Pace pace,
            NDList batch,
            boolean inputHasGradient) {
        this.name = name;
        this.pace = pace;
        this.inputHasGradient = inputHasGradient;
        contenders = session.contenders();
        x = batch.get(0);
        labels = batch.get(1);
        manager = x.getManager();
    }

    /** A transformer's block in the middle of a network: its input has a gradient, too. */
    static DjlTraining mlp(DjlSession session) {
        NDManager manager = session.manager();
        Shape shape = new Shape(Tasks.SAMPLES, Tasks.TOKENS, Tasks.CHANNELS);
        NDList batch = new NDList(manager.randomNormal(shape), manager.randomNormal(shape));
        DjlTraining task = new DjlTraining(session, Tasks.MLP, Pace.MLP, batch, true);
        for (Contender contender : task.contenders) {
            task.add(contender, mlp(Drops.of(session, contender)), new MeanSquare());
        }
        return task;
    }

    static DjlTraining digits(DjlSession session) {
        NDManager manager = session.manager();
        NDArray x = manager.randomUniform(0, 1, new Shape(Tasks.BATCH, 1, Tasks.SIDE, Tasks.SIDE));
        NDArray labels = manager.arange(Tasks.BATCH).mod(Tasks.CLASSES);
        DjlTraining task =
                new DjlTraining(
                        session, Tasks.DIGITS, Pace.DIGITS, new NDList(x, labels), false);
        for (Contender contender : task.contenders) {
            Block net = digits(Drops.of(session, contender));
            task.add(contender, net, Loss.softmaxCrossEntropyLoss());
        }
        return task;
    }

    private static Block mlp(Drops drops) {
        return residual(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(Tasks.HIDDEN).build())
                        .add(Activation.geluBlock())
                        .add(drops.dropout.apply(Tasks.MLP_P))
                        .add(Linear.builder().setUnits(Tasks.CHANNELS).build())
                        .add(drops.dropout.apply(Tasks.MLP_P)));
    }

    private static Block digits(Drops drops) {
        SequentialBlock net =
                new SequentialBlock()
                        .add(convolution())
                        .add(Activation.reluBlock())
                        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        for (double rate : Tasks.dropPathRates()) {
            net.add(
                            residual(
                                    new SequentialBlock()
                                            .add(convolution())
                                            .add(Activation.reluBlock())
                                            .add(drops.dropout.apply(Tasks.DIGITS_P))
                                            .add(convolution())
                                            .add(drops.dropPath.apply(rate))))
                    .add(Activation.reluBlock());
        }
        return net.add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(Tasks.UNITS).build())
                .add(Activation.reluBlock())
                .add(drops.dropout.apply(Tasks.DIGITS_P))
                .add(Linear.builder().setUnits(Tasks.CLASSES).build());
    }

    private static Block residual(Block branch) {
        return new ParallelBlock(
                outputs ->
                        new NDList(
                                outputs.get(0)
                                        .singletonOrThrow()
                                        .add(outputs.get(1).singletonOrThrow())),
                List.of(Blocks.identityBlock(), branch));
    }

    private static Block convolution() {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .setFilters(Tasks.FILTERS)
                .build();
    }

    private void add(Contender contender, Block net, Loss loss) {
        Model model = Model.newInstance(contender.name());
        model.setBlock(net);
        Trainer trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(loss)
                                .optOptimizer(
                                        Optimizer.sgd()
                                                .setLearningRateTracker(
                                                        Tracker.fixed(LEARNING_RATE))
                                                .build()));
        trainer.initialize(x.getShape());
        models.put(contender, model);
        trainers.put(contender, trainer);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Contender> contenders() {
        return contenders;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public void call(Contender contender) {
        Trainer trainer = trainers.get(contender);
        try (NDManager step = manager.newSubManager()) {
            NDArray input = x.stopGradient();
            input.attach(step);
            input.setRequiresGradient(inputHasGradient);
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList output = trainer.forward(new NDList(input));
                collector.backward(trainer.getLoss().evaluate(new NDList(labels), output));
            }
            trainer.step();
        }
    }

    @Override
    public void close() {
        trainers.values().forEach(Trainer::close);
        models.values().forEach(Model::close);
        manager.close();
    }
}
