package digits;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.github.dropfuse.Generator;
import io.github.dropfuse.djl.DropPathAdd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * A network in training, by DJL's own {@link Trainer}. Two trainings of the same arguments have the
 * same bits.
 */
final class Training implements AutoCloseable {
    private static final int BATCH = 50;

    /** Plain SGD has no state, so a saved model is all that a resumed training needs. */
    private static final float LEARNING_RATE = 0.1f;

    /** Share of the training images that get a label drawn at random. */
    static final double WRONG = 0.2;

    /** Running statistics keep 0.9 of what they were at each step, so this many replace them. */
    private static final int STEPS_TO_FORGET = 60;

    private final int depth;
    private final int seed;
    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private final Digits data;
    private final Model model = Model.newInstance("digits", "PyTorch");
    private final Trainer trainer;
    private final ArrayDataset batches;
    private Consumer<NDArray> beforeBatchNorm = x -> {};

    /**
     * Begins.
     *
     * @param variant what is dropped
     * @param depth number of branches, at least 1
     * @param images how many to train on
     * @param seed decides the parameters, the masks, the order, the images and the wrong labels
     */
    static Training begin(Variant variant, int depth, int images, int seed) throws IOException {
        try {
            return new Training(variant, depth, images, seed, null);
        } catch (MalformedModelException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Goes on with what {@link #save} saved. The other arguments are those that it began with.
     *
     * @param directory where it was saved
     */
    static Training resume(Variant variant, int depth, int images, int seed, Path directory)
            throws IOException, MalformedModelException {
        return new Training(variant, depth, images, seed, directory);
    }

    private Training(Variant variant, int depth, int images, int seed, Path saved)
            throws IOException, MalformedModelException {
        this.depth = depth;
        this.seed = seed;
        Engine.getInstance().setRandomSeed(seed);
        data = Digits.draw(manager, images, WRONG, seed);
        Generator generator = Generator.seeded(saved == null ? seed : 0);
        model.setBlock(
                Network.of(variant, depth, generator, x -> beforeBatchNorm.accept(x)));
        if (saved != null) {
            model.load(saved);
        }
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(
                                        Optimizer.sgd()
                                                .setLearningRateTracker(
                                                        Tracker.fixed(LEARNING_RATE))
                                                .build())
                                .optInitializer(new XavierInitializer(), Parameter.Type.WEIGHT));
        trainer.initialize(new Shape(BATCH).addAll(Digits.IMAGE));
        batches =
                new ArrayDataset.Builder()
                        .setData(data.trainImages())
                        .optLabels(data.trainLabels())
                        .setSampling(BATCH, true)
                        .build();
    }

    /**
     * Trains for an epoch.
     *
     * @param epoch its number. The order of the images, and what DJL's own Dropout drops, depend on
     *     it and on the seed alone; what Dropfuse drops depends on its generator.
     */
    void epoch(int epoch) throws IOException, TranslateException {
        Engine.getInstance().setRandomSeed(1000 * seed + epoch);
        for (Batch batch : trainer.iterateDataset(batches)) {
            EasyTrain.trainBatch(trainer, batch);
            trainer.step();
            batch.close();
        }
    }

    Point point(int epoch) {
        return new Point(
                epoch,
                score(data.trainImages(), data.trainLabels()),
                testScore());
    }

    private Score testScore() {
        return score(data.testImages(), data.testLabels());
    }

    private Score score(NDArray images, NDArray labels) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDList predictions = trainer.evaluate(new NDList(images));
            float loss = trainer.getLoss().evaluate(new NDList(labels), predictions).getFloat();
            if (!Float.isFinite(loss)) {
                throw new ArithmeticException("the loss became " + loss);
            }
            NDArray right =
                    predictions
                            .singletonOrThrow()
                            .argMax(1)
                            .toType(DataType.FLOAT32, false)
                            .eq(labels);
            return new Score(loss, right.toType(DataType.FLOAT32, false).mean().getFloat());
        }
    }

    /** The test accuracy without some of the branches: what they would add is 0. */
    float testAccuracyWithout(List<Integer> branches) {
        List<Block> paths =
                model.getBlock().getChildren().values().stream()
                        .filter(DropPathAdd.class::isInstance)
                        .toList();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<NDArray> emptied = new ArrayList<>();
            for (int branch : branches) {
                List<Parameter> parameters = paths.get(branch).getParameters().values();
                for (Parameter last : parameters.subList(parameters.size() - 2, parameters.size())) {
                    emptied.add(last.getArray());
                }
            }
            List<NDArray> copies = emptied.stream().map(NDArray::duplicate).toList();
            emptied.forEach(array -> array.subi(array));
            float accuracy = testScore().accuracy();
            for (int i = 0; i < emptied.size(); i++) {
                copies.get(i).copyTo(emptied.get(i));
            }
            return accuracy;
        }
    }

    /**
     * For each BatchNorm the variance of what it sees in evaluation, of the images that were trained
     * on, over the running variance that it divides by: the mean over channels.
     */
    List<Float> varianceRatios() {
        List<Float> ratios = new ArrayList<>();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<NDArray> seen = new ArrayList<>();
            beforeBatchNorm = seen::add;
            trainer.evaluate(new NDList(data.trainImages()));
            beforeBatchNorm = x -> {};
            List<NDArray> running = arrays("runningVar");
            for (int i = 0; i < seen.size(); i++) {
                NDArray channels =
                        seen.get(i).transpose(1, 0, 2, 3).reshape(Network.WIDTH, -1);
                NDArray centred = channels.sub(channels.mean(new int[] {1}, true));
                NDArray variance = centred.square().mean(new int[] {1});
                ratios.add(variance.div(running.get(i)).mean().getFloat());
            }
        }
        return ratios;
    }

    private List<NDArray> arrays(String name) {
        return model.getBlock().getParameters().stream()
                .filter(parameter -> parameter.getKey().endsWith(name))
                .map(parameter -> parameter.getValue().getArray())
                .toList();
    }

    /**
     * The test score once every BatchNorm has taken its running statistics again, from the
     * images that were trained on, with nothing dropped. No other parameter changes.
     */
    Score testScoreWithNewStatistics() throws IOException {
        try (Training other =
                begin(Variant.BATCH_NONE, depth, Math.toIntExact(data.trainLabels().size()), seed)) {
            for (int i = 0; i < parameters().size(); i++) {
                parameters().get(i).copyTo(other.parameters().get(i));
            }
            for (int step = 0; step < STEPS_TO_FORGET; step++) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    other.trainer.forward(new NDList(other.data.trainImages()));
                }
            }
            return other.testScore();
        }
    }

    private List<NDArray> parameters() {
        return arrays("");
    }

    /** All parameters' bits. */
    List<String> bits() {
        List<String> bits = new ArrayList<>();
        for (NDArray array : parameters()) {
            ByteBuffer buffer = array.toByteBuffer();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            bits.add(HexFormat.of().formatHex(bytes));
        }
        return bits;
    }

    void save(Path directory) throws IOException {
        model.save(directory, null);
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
        manager.close();
    }
}
