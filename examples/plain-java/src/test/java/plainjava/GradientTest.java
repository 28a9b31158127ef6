package plainjava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DepthRates;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The network against the {@link Oracle}, in bits. */
class GradientTest {
    private static final int BATCH = 4 * Workers.BLOCK;
    private static final PhiloxState STEP = new PhiloxState(42, 1000);

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(3);

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0,   0,   1, 1", "0.3, 0.2, 3, 1", "0.3, 0.2, 3, 2", "0.5, 0.9, 4, 3", "0.5, 0, 2, 4",
        "0,   0.5, 2, 4", "1,   0,   2, 2", "0,   1,   2, 1"
    })
    void gradientHasTheOraclesBits(double dropout, double dropPath, int depth, int workerCount) {
        Settings settings = new Settings(6, 5, depth, 3, dropout, dropPath);
        Digits digits = digits(settings, 2 * BATCH);
        int[] rows = IntStream.range(0, BATCH).map(i -> 2 * i + 1).toArray();
        Tensor parameters = parameters(settings);
        Generator generator = Generator.from(STEP);
        try (Workers workers = new Workers(arena, settings, workerCount, BATCH)) {
            Tensor gradient = workers.gradient(parameters, digits, rows, generator);
            assertArrayEquals(oracle(settings, parameters, digits, rows), floats(gradient));
        }
        assertEquals(new PhiloxState(42, 1000 + 2 * depth), generator.state());
    }

    @Test
    void evaluationHasTheOraclesBits() {
        Settings settings = new Settings(6, 5, 3, 3, 0.3, 0.2);
        Digits digits = digits(settings, 7);
        Tensor parameters = parameters(settings);
        Network network = new Network(arena, settings, 7);
        network.images().copyFrom(digits.images());
        float[] logits = floats(network.infer(parameters));
        for (int row = 0; row < 7; row++) {
            Tape.Value[] expected =
                    new Oracle(settings, floats(parameters))
                            .logits(image(digits, row), row, null, null);
            for (int c = 0; c < 3; c++) {
                assertEquals(expected[c].value, logits[3 * row + c]);
            }
        }
    }

    /** The blocks' gradients, added from the first to the last. */
    private float[] oracle(Settings settings, Tensor parameters, Digits digits, int[] rows) {
        float[][] batch =
                IntStream.of(rows).mapToObj(row -> image(digits, row)).toArray(float[][]::new);
        int[] labels = IntStream.of(rows).map(row -> digits.labels()[row]).toArray();
        Mask[] elements = new Mask[settings.depth()];
        Mask[] samples = new Mask[settings.depth()];
        Tensor whole = Tensor.allocate(arena, DType.FLOAT32, BATCH, settings.width());
        double[] rates = DepthRates.linear(settings.dropPath(), settings.depth());
        for (int b = 0; b < settings.depth(); b++) {
            PhiloxState first = new PhiloxState(STEP.seed(), STEP.offset() + 2 * b);
            PhiloxState second = new PhiloxState(STEP.seed(), STEP.offset() + 2 * b + 1);
            elements[b] = new Dropout(settings.dropout()).mask(arena, whole, first);
            samples[b] = new DropPath(rates[b]).mask(arena, whole, second);
        }
        float[] sum = null;
        for (int from = 0; from < BATCH; from += Workers.BLOCK) {
            float[] part =
                    new Oracle(settings, floats(parameters))
                            .gradient(batch, labels, from, from + Workers.BLOCK, elements, samples);
            for (int i = 0; sum != null && i < part.length; i++) {
                part[i] = sum[i] + part[i];
            }
            sum = part;
        }
        return sum;
    }

    private Digits digits(Settings settings, int count) {
        Tensor images = Tensor.allocate(arena, DType.FLOAT32, count, settings.inputs());
        for (long i = 0; i < images.size(); i++) {
            images.set(i, random.nextFloat());
        }
        return new Digits(images, random.ints(count, 0, settings.classes()).toArray());
    }

    private Tensor parameters(Settings settings) {
        long count = new Network(arena, settings, 1).parameterCount();
        Tensor parameters = Tensor.allocate(arena, DType.FLOAT32, count);
        for (long i = 0; i < count; i++) {
            parameters.set(i, random.nextFloat(-1, 1));
        }
        return parameters;
    }

    private static float[] image(Digits digits, int row) {
        return floats(digits.images().slice(row, row + 1));
    }

    private static float[] floats(Tensor tensor) {
        return tensor.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
}
