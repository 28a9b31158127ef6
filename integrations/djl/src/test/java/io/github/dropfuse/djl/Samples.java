package io.github.dropfuse.djl;

import io.github.dropfuse.Generator;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.Channels;
import io.github.dropfuse.layer.DropBlock;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout1d;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Dropout3d;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianDropout;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.Scaling;
import java.util.List;
import java.util.function.Function;

/** Every block in all its forms, with the layer that it has to equal and a shape to try it on. */
enum Samples {
    DROPOUT(
            g -> DropoutBlock.builder().optRate(0.4).optGenerator(g).build(),
            Layer.of(new Dropout(0.4)),
            7, 30, 11),
    DROPOUT_NOTHING(
            g -> DropoutBlock.builder().optRate(0).optGenerator(g).build(),
            Layer.of(new Dropout(0)),
            7, 3),
    DROPOUT_EVERYTHING(
            g -> DropoutBlock.builder().optRate(1).optGenerator(g).build(),
            Layer.of(new Dropout(1)),
            7, 3),
    DROPOUT_ON_POOL(
            g ->
                    DropoutBlock.builder()
                            .optRate(0.1)
                            .optGenerator(g)
                            .optExecution(Execution.automatic())
                            .build(),
            Layer.of(new Dropout(0.1)),
            300, 1001),
    DROP_PATH(
            g -> DropPathBlock.builder().optRate(0.3).optGenerator(g).build(),
            Layer.of(new DropPath(0.3)),
            19, 5, 3),
    DROP_PATH_OF_BATCH(
            g ->
                    DropPathBlock.builder()
                            .optRate(0.3)
                            .optMode(DropPath.Mode.BATCH)
                            .optGenerator(g)
                            .build(),
            Layer.of(new DropPath(0.3, DropPath.Mode.BATCH, Scaling.IN_TRAINING)),
            4, 5),
    DROPOUT_1D(
            g -> Dropout1dBlock.builder().optRate(0.5).optGenerator(g).build(),
            Layer.of(new Dropout1d(0.5)),
            4, 9, 6),
    DROPOUT_2D(
            g -> Dropout2dBlock.builder().optRate(0.5).optGenerator(g).build(),
            Layer.of(new Dropout2d(0.5)),
            4, 9, 3, 2),
    DROPOUT_2D_UNBATCHED(
            g -> Dropout2dBlock.builder().optRate(0.5).optGenerator(g).build(),
            Layer.of(new Dropout2d(0.5)),
            9, 3, 2),
    DROPOUT_2D_CHANNELS_LAST(
            g ->
                    Dropout2dBlock.builder()
                            .optRate(0.5)
                            .optChannels(Channels.LAST)
                            .optGenerator(g)
                            .build(),
            Layer.of(new Dropout2d(0.5, Channels.LAST, Scaling.IN_TRAINING)),
            4, 3, 2, 9),
    DROPOUT_3D(
            g -> Dropout3dBlock.builder().optRate(0.5).optGenerator(g).build(),
            Layer.of(new Dropout3d(0.5)),
            2, 9, 3, 2, 2),
    ALPHA_DROPOUT(
            g -> AlphaDropoutBlock.builder().optRate(0.2).optGenerator(g).build(),
            Layer.of(new AlphaDropout(0.2)),
            11, 40),
    GAUSSIAN_DROPOUT(
            g -> GaussianDropoutBlock.builder().optRate(0.2).optGenerator(g).build(),
            Layer.of(new GaussianDropout(0.2)),
            11, 40),
    GAUSSIAN_NOISE(
            g -> GaussianNoiseBlock.builder().optSigma(0.7).optGenerator(g).build(),
            Layer.of(new GaussianNoise(0.7)),
            11, 40),
    DROP_BLOCK(
            g ->
                    DropBlockBlock.builder()
                            .optRate(0.3)
                            .optBlockSize(3)
                            .optGenerator(g)
                            .build(),
            Layer.of(new DropBlock(2, 0.3, 3)),
            2, 3, 9, 8),
    DROP_BLOCK_3D(
            g ->
                    DropBlockBlock.builder()
                            .optRate(0.3)
                            .optDimensions(3)
                            .optBlockSize(2)
                            .optCentres(DropBlock.Centres.EVERYWHERE)
                            .optFactor(DropBlock.Factor.REALISED)
                            .optSharedByChannels(true)
                            .optGenerator(g)
                            .build(),
            Layer.of(
                    new DropBlock(3, 0.3, 2)
                            .with(DropBlock.Centres.EVERYWHERE)
                            .with(DropBlock.Factor.REALISED)
                            .sharedByChannels(true)),
            2, 3, 4, 3, 5);

    /** Blocks whose gradient is a product with 0 where they drop. */
    static final List<Samples> DROPPING =
            List.of(
                    DROPOUT, DROPOUT_EVERYTHING, DROP_PATH, DROPOUT_1D, DROPOUT_2D, DROPOUT_3D,
                    ALPHA_DROPOUT, DROP_BLOCK);

    private final Function<Generator, RandomBlock> block;
    private final Layer layer;
    private final long[] shape;

    Samples(Function<Generator, RandomBlock> block, Layer layer, long... shape) {
        this.block = block;
        this.layer = layer;
        this.shape = shape;
    }

    RandomBlock block(Generator generator) {
        return block.apply(generator);
    }

    Layer layer() {
        return layer;
    }

    long[] shape() {
        return shape.clone();
    }
}
