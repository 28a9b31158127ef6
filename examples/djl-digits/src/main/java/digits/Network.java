package digits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import io.github.dropfuse.Generator;
import io.github.dropfuse.djl.DropPathAdd;
import io.github.dropfuse.djl.DropoutBlock;
import io.github.dropfuse.layer.DepthRates;
import java.util.function.Consumer;

/**
 * A residual network for images (N, 1, 8, 8): patches of 2 x 2 pixels become 4 x 4 places of {@value
 * #WIDTH} channels, and each branch adds what two convolutions make of them.
 */
final class Network {
    /** Of 24 channels, libtorch 2.7.1 gave NaN gradients in some processes, with DJL alone as well. */
    static final int WIDTH = 16;

    private final Variant variant;
    private final Generator generator;
    private final Consumer<NDArray> beforeBatchNorm;

    private Network(Variant variant, Generator generator, Consumer<NDArray> beforeBatchNorm) {
        this.variant = variant;
        this.generator = generator;
        this.beforeBatchNorm = beforeBatchNorm;
    }

    /**
     * Makes a network.
     *
     * @param variant what is dropped
     * @param depth number of branches, at least 1
     * @param generator what Dropfuse's blocks draw from
     * @param beforeBatchNorm sees the input of every BatchNorm at each call
     */
    static Block of(
            Variant variant, int depth, Generator generator, Consumer<NDArray> beforeBatchNorm) {
        return new Network(variant, generator, beforeBatchNorm).ofDepth(depth);
    }

    private Block ofDepth(int depth) {
        SequentialBlock net =
                new SequentialBlock()
                        .add(
                                Conv2d.builder()
                                        .setKernelShape(new Shape(2, 2))
                                        .optStride(new Shape(2, 2))
                                        .setFilters(WIDTH)
                                        .build());
        for (double rate : DepthRates.linear(variant.pathRate(), depth)) {
            net.add(
                    DropPathAdd.builder()
                            .setBranch(branch())
                            .optRate(rate)
                            .optGenerator(generator)
                            .build());
        }
        normalise(net);
        net.add(Activation.reluBlock()).add(Blocks.batchFlattenBlock());
        drop(net, Variant.Place.LAST);
        return net.add(Linear.builder().setUnits(Digits.CLASSES).build());
    }

    private Block branch() {
        SequentialBlock branch = new SequentialBlock();
        normalise(branch);
        branch.add(convolution());
        drop(branch, Variant.Place.BEFORE_NORM);
        normalise(branch);
        branch.add(Activation.reluBlock());
        drop(branch, Variant.Place.HIDDEN);
        drop(branch, Variant.Place.HIDDEN_BY_DJL);
        return branch.add(convolution());
    }

    private static Block convolution() {
        return Conv2d.builder()
                .setKernelShape(new Shape(3, 3))
                .optPadding(new Shape(1, 1))
                .setFilters(WIDTH)
                .build();
    }

    private void normalise(SequentialBlock net) {
        switch (variant.norm()) {
            case LAYER -> net.add(LayerNorm.builder().build());
            case BATCH -> net.add(new LambdaBlock(this::show)).add(BatchNorm.builder().build());
        }
    }

    private NDList show(NDList list) {
        beforeBatchNorm.accept(list.singletonOrThrow());
        return list;
    }

    private void drop(SequentialBlock net, Variant.Place place) {
        if (place != variant.place()) {
            return;
        }
        double rate = variant.rate();
        net.add(
                place == Variant.Place.HIDDEN_BY_DJL
                        ? ai.djl.nn.norm.Dropout.builder().optRate((float) rate).build()
                        : DropoutBlock.builder().optRate(rate).optGenerator(generator).build());
    }
}
