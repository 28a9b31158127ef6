package plainjava;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Stochastic gradient descent with momentum, at a rate that falls to 0 over the epochs. */
final class Training implements AutoCloseable {
    static final int BATCH = 64;
    static final int EPOCHS = 20;
    private static final float RATE = 0.05f;
    private static final float MOMENTUM = 0.9f;

    private final Digits digits;
    private final long seed;
    private final Workers workers;
    private final Tensor parameters;
    private final Tensor velocity;
    private final Generator generator;
    private int epoch;

    /**
     * A training at its beginning.
     *
     * @param arena owns the memory, and lets the workers' threads use it
     * @param digits to be learned
     * @param seed of the first parameters, of the batches and of the masks
     * @param workerCount how many threads share the work
     */
    Training(Arena arena, Settings settings, Digits digits, long seed, int workerCount) {
        this.digits = digits;
        this.seed = seed;
        workers = new Workers(arena, settings, workerCount, BATCH);
        Network network = new Network(arena, settings, 1);
        parameters = Tensor.allocate(arena, DType.FLOAT32, network.parameterCount());
        velocity = Tensor.allocate(arena, DType.FLOAT32, network.parameterCount());
        network.initialise(parameters, new Random(seed));
        generator = Generator.seeded(seed);
    }

    /** Goes once through the digits, in whole batches. */
    void runEpoch() {
        List<Integer> order =
                IntStream.range(0, digits.count()).boxed().collect(Collectors.toList());
        Collections.shuffle(order, new Random(seed + epoch));
        int[] rows = order.stream().mapToInt(Integer::intValue).toArray();
        float rate = RATE * (EPOCHS - epoch) / EPOCHS;
        for (int from = 0; from + BATCH <= rows.length; from += BATCH) {
            int[] batch = Arrays.copyOfRange(rows, from, from + BATCH);
            Tensor gradient = workers.gradient(parameters, digits, batch, generator);
            Vectors.combine(MOMENTUM, velocity, 1, gradient);
            Vectors.combine(1, parameters, -rate, velocity);
        }
        epoch++;
    }

    void save(Path file) throws IOException {
        new Checkpoint(epoch, generator.state(), parameters, velocity).write(file);
    }

    /** Goes on where a training of the same settings, digits and seed was saved. */
    void resume(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Checkpoint saved = Checkpoint.read(arena, file);
            epoch = saved.epoch();
            generator.restore(saved.masks());
            parameters.copyFrom(saved.parameters());
            velocity.copyFrom(saved.velocity());
        }
    }

    /** {@return how many epochs are done} */
    int epochs() {
        return epoch;
    }

    /** {@return the network's parameters as they are now} */
    Tensor parameters() {
        return parameters;
    }

    /** {@return a digest of the parameters' bits} */
    String digest() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(parameters.segment().asByteBuffer());
            return HexFormat.of().formatHex(sha256.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Ends the workers. */
    @Override
    public void close() {
        workers.close();
    }
}
