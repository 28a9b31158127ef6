package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import java.lang.foreign.Arena;
import java.util.random.RandomGenerator;

/**
 * {@code x + dropPath(second(dropout(relu(first(x)))))}, for some rows of a batch. For the backward
 * pass it keeps its input, the hidden values and, in place of both masks, their states.
 */
final class ResidualBlock {
    /** How many states a training pass takes. */
    static final int DRAWS = 2;

    private final Linear first;
    private final Linear second;
    private final Dropout dropout;
    private final DropPathAdd add;

    private final Tensor input;
    private final Tensor hidden;
    private final Tensor hiddenGradient;
    private final Tensor branch;
    private PhiloxState dropoutState;
    private PhiloxState pathState;
    private long start;

    /**
     * A block whose parameters begin at an offset.
     *
     * @param rate of its DropPath
     * @param rows how many rows it computes at a time
     */
    ResidualBlock(Arena arena, int offset, Settings settings, double rate, int rows) {
        int width = settings.width();
        first = new Linear(offset, width, width);
        second = new Linear(first.end(), width, width);
        dropout = new Dropout(settings.dropout());
        add = new DropPathAdd(new DropPath(rate));
        input = Tensor.allocate(arena, DType.FLOAT32, rows, width);
        hidden = Tensor.allocate(arena, DType.FLOAT32, rows, width);
        hiddenGradient = Tensor.allocate(arena, DType.FLOAT32, rows, width);
        branch = Tensor.allocate(arena, DType.FLOAT32, rows, width);
    }

    int end() {
        return second.end();
    }

    /** The branch begins as nearly nothing, so that any depth can be trained. */
    void initialise(Tensor parameters, RandomGenerator random) {
        first.initialise(parameters, random, 1);
        second.initialise(parameters, random, 0.1);
    }

    /**
     * The training pass.
     *
     * @param x the rows, in place
     * @param generator gives the states of the two masks
     * @param start index of the first row in the batch: the rows get their part of its masks
     */
    void forward(Tensor parameters, Tensor x, Generator generator, long start) {
        this.start = start;
        dropoutState = generator.next();
        pathState = generator.next();
        input.copyFrom(x);
        first.forward(parameters, input, hidden);
        Vectors.relu(hidden);
        dropout.forward(hidden, hidden, dropoutState, start);
        second.forward(parameters, hidden, branch);
        add.forward(branch, x, pathState, start);
    }

    /**
     * The gradient of the training pass.
     *
     * @param dx gradient of the output, and then of the input
     * @param gradient is added to
     */
    void backward(Tensor parameters, Tensor dx, Tensor gradient) {
        Tensor branchGradient = branch;
        add.backward(dx, branchGradient, pathState, start);
        hiddenGradient.fill(0);
        second.backward(parameters, hidden, branchGradient, gradient, hiddenGradient);
        dropout.backward(hiddenGradient, hiddenGradient, dropoutState, start);
        Vectors.reluBackward(hidden, hiddenGradient);
        first.backward(parameters, input, hiddenGradient, gradient, dx);
    }

    /** Evaluation, in place: nothing is dropped. */
    void infer(Tensor parameters, Tensor x) {
        first.forward(parameters, x, hidden);
        Vectors.relu(hidden);
        dropout.infer(hidden, hidden);
        second.forward(parameters, hidden, branch);
        add.infer(branch, x);
    }
}
