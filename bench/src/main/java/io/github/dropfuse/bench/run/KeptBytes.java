package io.github.dropfuse.bench.run;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.GradientCollector;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.bench.jmh.PyTorch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What each contender keeps between a forward pass and its backward pass, beside input and output:
 * how much larger the process is after a call. Each is measured in a process of its own.
 */
public final class KeptBytes {
    private static final long ELEMENTS = 1L << 24;

    /** Linux counts resident memory in pages; elsewhere nothing is measured. */
    private static final Path RESIDENT = Path.of("/proc/self/statm");

    private static final long PAGE = 4096;

    /**
     * A line of the table.
     *
     * @param contender who
     * @param dtype type of input and output
     * @param bytesPerElement kept bytes over elements
     * @param how what was measured, or from what it follows
     */
    public record Kept(String contender, String dtype, double bytesPerElement, String how) {}

    private enum Subject {
        STATE("Dropfuse, drawn again", "resident memory after the call; 16 bytes in all"),
        MASK("Dropfuse, stored mask", "resident memory after the call"),
        PYTORCH("PyTorch through DJL", "resident memory after the call, output deducted"),
        ND4J(
                "ND4J, op alone",
                "resident memory after the call, output deducted; a caller has to keep a mask"),
        LOOP("plain Java, one loop", "a boolean array, by its definition"),
        TWO_PASS("plain Java, two passes", "a float array, by its definition");

        private final String label;
        private final String how;

        Subject(String label, String how) {
            this.label = label;
            this.how = how;
        }
    }

    private KeptBytes() {}

    /** Measures everyone. */
    static List<Kept> measureAll() throws IOException, InterruptedException {
        List<Kept> table = new ArrayList<>();
        for (Subject subject : Subject.values()) {
            switch (subject) {
                case LOOP -> table.add(new Kept(subject.label, "float32", 1, subject.how));
                case TWO_PASS -> table.add(new Kept(subject.label, "float32", 4, subject.how));
                default -> {
                    if (Files.exists(RESIDENT)) {
                        double bytes = Double.parseDouble(inOwnProcess(subject));
                        table.add(new Kept(subject.label, "float32", bytes, subject.how));
                    }
                }
            }
        }
        return table;
    }

    /** Measures one contender: its last line of output is the figure. */
    public static void main(String[] arguments) throws IOException {
        Subject subject = Subject.valueOf(arguments[0]);
        try (Arena arena = Arena.ofShared()) {
            double bytes =
                    switch (subject) {
                        case STATE -> state(arena);
                        case MASK -> mask(arena);
                        case PYTORCH -> pyTorch();
                        case ND4J -> nd4j();
                        default -> throw new IllegalArgumentException(arguments[0]);
                    };
            System.out.println(bytes);
        }
    }

    private static String inOwnProcess(Subject subject) throws IOException, InterruptedException {
        return Processes.javaResult(
                List.of("--enable-native-access=ALL-UNNAMED", "-Xms1g", "-XX:+AlwaysPreTouch"),
                KeptBytes.class,
                List.of(subject.name()),
                environment -> {});
    }

    private static double state(Arena arena) throws IOException {
        Tensor x = ones(arena);
        Tensor y = ones(arena);
        io.github.dropfuse.layer.Dropout layer = new io.github.dropfuse.layer.Dropout(0.1);
        Generator generator = Generator.seeded(42);
        layer.forward(x, y, generator.next());
        long before = resident();
        layer.forward(x, y, generator.next());
        return perElement(resident() - before);
    }

    private static double mask(Arena arena) throws IOException {
        Tensor x = ones(arena);
        Tensor y = ones(arena);
        io.github.dropfuse.layer.Dropout layer = new io.github.dropfuse.layer.Dropout(0.1);
        Generator generator = Generator.seeded(42);
        layer.forward(x, y, layer.mask(arena, x, generator.next()));
        long before = resident();
        Mask mask = layer.mask(arena, x, generator.next());
        layer.forward(x, y, mask);
        return perElement(resident() - before);
    }

    private static double pyTorch() throws IOException {
        Engine engine = PyTorch.start(1);
        try (NDManager manager = engine.newBaseManager(Device.cpu())) {
            NDArray x = manager.ones(new Shape(ELEMENTS));
            x.setRequiresGradient(true);
            try (GradientCollector gradients = engine.newGradientCollector()) {
                NDArray small = Dropout.dropout(x.get("0:1024"), 0.1f, true).singletonOrThrow();
                long before = resident();
                NDArray y = Dropout.dropout(x, 0.1f, true).singletonOrThrow();
                double kept = perElement(resident() - before) - Float.BYTES;
                gradients.backward(y.sum().add(small.sum()));
                return kept;
            }
        }
    }

    private static double nd4j() throws IOException {
        INDArray x = Nd4j.ones(DataType.FLOAT, ELEMENTS);
        Nd4j.exec(new DropOutInverted(x, x.ulike(), 0.9)).close();
        long before = resident();
        INDArray y = Nd4j.exec(new DropOutInverted(x, x.ulike(), 0.9));
        double kept = perElement(resident() - before) - Float.BYTES;
        y.close();
        return kept;
    }

    private static Tensor ones(Arena arena) {
        Tensor tensor = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
        for (long e = 0; e < ELEMENTS; e++) {
            tensor.set(e, 1);
        }
        return tensor;
    }

    private static long resident() throws IOException {
        return Long.parseLong(Files.readString(RESIDENT).split(" ")[1]) * PAGE;
    }

    /** Rounded to 1/64 of a byte: less than that is the Java machine's own life. */
    private static double perElement(long bytes) {
        return Math.max(0, Math.rint(bytes * 64.0 / ELEMENTS) / 64);
    }
}
