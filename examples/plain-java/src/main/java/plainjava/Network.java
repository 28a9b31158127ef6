package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DepthRates;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A dense layer, residual blocks and a dense layer, with the memory to compute some rows at a time.
 * The parameters are the caller's: one tensor for all networks of the same settings.
 */
final class Network {
    private final Linear stem;
    private final List<ResidualBlock> blocks = new ArrayList<>();
    private final Linear head;

    private final Tensor images;
    private final Tensor features;
    private final Tensor featureGradient;
    private final Tensor logits;

    Network(Arena arena, Settings settings, int rows) {
        stem = new Linear(0, settings.inputs(), settings.width());
        int offset = stem.end();
        for (double rate : DepthRates.linear(settings.dropPath(), settings.depth())) {
            ResidualBlock block = new ResidualBlock(arena, offset, settings, rate, rows);
            blocks.add(block);
            offset = block.end();
        }
        head = new Linear(offset, settings.width(), settings.classes());
        images = Tensor.allocate(arena, DType.FLOAT32, rows, settings.inputs());
        features = Tensor.allocate(arena, DType.FLOAT32, rows, settings.width());
        featureGradient = Tensor.allocate(arena, DType.FLOAT32, rows, settings.width());
        logits = Tensor.allocate(arena, DType.FLOAT32, rows, settings.classes());
    }

    int parameterCount() {
        return head.end();
    }

    /** How many states a training pass takes. */
    int draws() {
        return ResidualBlock.DRAWS * blocks.size();
    }

    void initialise(Tensor parameters, RandomGenerator random) {
        stem.initialise(parameters, random, 1);
        blocks.forEach(block -> block.initialise(parameters, random));
        head.initialise(parameters, random, 1);
    }

    /** Where the caller puts the rows before a pass. */
    Tensor images() {
        return images;
    }

    /**
     * The training pass.
     *
     * @param generator gives the blocks' states
     * @param start index of the first row in the batch
     * @return the logits, valid until the next pass
     */
    Tensor forward(Tensor parameters, Generator generator, long start) {
        stem.forward(parameters, images, features);
        for (ResidualBlock block : blocks) {
            block.forward(parameters, features, generator, start);
        }
        head.forward(parameters, features, logits);
        return logits;
    }

    /**
     * The gradient of the last training pass.
     *
     * @param dlogits gradient of the logits
     * @param gradient receives that of the parameters
     */
    void backward(Tensor parameters, Tensor dlogits, Tensor gradient) {
        gradient.fill(0);
        featureGradient.fill(0);
        head.backward(parameters, features, dlogits, gradient, featureGradient);
        for (ResidualBlock block : blocks.reversed()) {
            block.backward(parameters, featureGradient, gradient);
        }
        stem.parameterGradient(images, featureGradient, gradient);
    }

    /** Evaluation: the logits of the images, valid until the next pass. */
    Tensor infer(Tensor parameters) {
        stem.forward(parameters, images, features);
        for (ResidualBlock block : blocks) {
            block.infer(parameters, features);
        }
        head.forward(parameters, features, logits);
        return logits;
    }
}
