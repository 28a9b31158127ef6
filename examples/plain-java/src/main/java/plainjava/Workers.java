package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/**
 * Threads that share the gradient of a batch.
 *
 * <p>The gradient has the same bits for any number of them. A batch is cut into blocks of {@value
 * #BLOCK} rows, and each worker takes a run of whole blocks. Whoever computes a block draws the
 * batch's masks for the block's rows, and sums the gradient over these rows alone. The blocks' sums
 * are then added in the blocks' order.
 */
final class Workers implements AutoCloseable {
    static final int BLOCK = 8;

    private final Network[] networks;
    private final Tensor[] gradients;
    private final ExecutorService threads;

    /**
     * Starts the threads.
     *
     * @param arena owns the memory, and lets other threads use it
     * @param count how many workers, at least 1
     * @param batch rows of a batch, a multiple of {@value #BLOCK}
     */
    Workers(Arena arena, Settings settings, int count, int batch) {
        networks = new Network[count];
        for (int worker = 0; worker < count; worker++) {
            networks[worker] = new Network(arena, settings, BLOCK);
        }
        gradients = new Tensor[batch / BLOCK];
        for (int block = 0; block < gradients.length; block++) {
            gradients[block] =
                    Tensor.allocate(arena, DType.FLOAT32, networks[0].parameterCount());
        }
        threads = Executors.newFixedThreadPool(count);
    }

    /**
     * The gradient of the mean loss of a batch.
     *
     * @param digits where the batch is from
     * @param rows which of them are in the batch
     * @param generator moves on by one step; every block draws from where it was before
     * @return the gradient, valid until the next call
     */
    Tensor gradient(Tensor parameters, Digits digits, int[] rows, Generator generator) {
        PhiloxState step = generator.state();
        generator.advance(networks[0].draws());
        int[] labels = IntStream.of(rows).map(row -> digits.labels()[row]).toArray();
        CompletableFuture<?>[] shares = new CompletableFuture<?>[networks.length];
        for (int worker = 0; worker < networks.length; worker++) {
            Network network = networks[worker];
            int from = worker * gradients.length / networks.length;
            int to = (worker + 1) * gradients.length / networks.length;
            shares[worker] = CompletableFuture.runAsync(() -> {
                for (int block = from; block < to; block++) {
                    int start = block * BLOCK;
                    digits.copyImages(rows, start, network.images());
                    Tensor logits = network.forward(parameters, Generator.from(step), start);
                    CrossEntropy.backward(logits, labels, start);
                    network.backward(parameters, logits, gradients[block]);
                }
            }, threads);
        }
        CompletableFuture.allOf(shares).join();
        for (int block = 1; block < gradients.length; block++) {
            Vectors.combine(1, gradients[0], 1, gradients[block]);
        }
        return gradients[0];
    }

    /** Ends the threads. */
    @Override
    public void close() {
        threads.close();
    }
}
