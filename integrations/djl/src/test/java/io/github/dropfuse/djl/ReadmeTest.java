package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.DepthRates;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The lines of Java in the README and in the moving guide, which are those below, work. */
class ReadmeTest {
    @Test
    void readme() {
        // begin readme
        Generator generator = Generator.seeded(42);
        TorchOperator.install();   // optional, see below
        SequentialBlock net = new SequentialBlock()
                .add(Linear.builder().setUnits(64).build())
                .add(DropoutBlock.builder().optRate(0.1).optGenerator(generator).build());
        for (double rate : DepthRates.linear(0.2, 4)) {
            net.add(DropPathAdd.builder()
                    .setBranch(Linear.builder().setUnits(64).build())
                    .optRate(rate).optGenerator(generator).build());
        }
        // end readme
        check(net, generator, 5);
    }

    @Test
    void guide() {
        Generator generator = Generator.seeded(42);
        // begin guide
        Block dropout = DropoutBlock.builder().optRate(0.1).optGenerator(generator).build();
        Block branch = new SequentialBlock().add(Linear.builder().setUnits(64).build()).add(Activation.geluBlock());
        Block residual = DropPathAdd.builder().setBranch(branch).optRate(0.2).optGenerator(generator).build();
        // end guide
        SequentialBlock net = new SequentialBlock().add(Linear.builder().setUnits(64).build());
        check(net.add(dropout).add(residual), generator, 2);
    }

    private static void check(Block net, Generator generator, int calls) {
        try (NDManager manager = Arrays.manager()) {
            net.initialize(manager, DataType.FLOAT32, new Shape(8, 16));
            NDList inputs = new NDList(manager.ones(new Shape(8, 16)));
            NDList out = net.forward(new ParameterStore(manager, false), inputs, true);
            assertEquals(new Shape(8, 64), out.singletonOrThrow().getShape());
        }
        assertEquals(calls, generator.state().offset());
    }

    /** The guide's way to the memory of an array. */
    @Test
    void memory() throws Exception {
        String line =
                "Tensor.of(array.toByteBuffer(true).order(ByteOrder.nativeOrder()), DType.FLOAT32,"
                        + " array.getShape().getShape())";
        assertTrue(Files.readString(Path.of("../../src/site/moving.md")).contains(line));
        try (NDManager manager = Arrays.manager()) {
            NDArray array = manager.ones(new Shape(2, 3));
            Tensor tensor =
                    Tensor.of(
                            array.toByteBuffer(true).order(ByteOrder.nativeOrder()), DType.FLOAT32,
                            array.getShape().getShape());
            tensor.set(5, 7);
            assertEquals(7, array.getFloat(1, 2));
        }
    }

    @Test
    void theLinesAreThese() throws Exception {
        String source =
                Files.readString(
                        Path.of("src/test/java/io/github/dropfuse/djl/ReadmeTest.java"));
        for (List<String> place :
                List.of(
                        List.of("readme", "README.md"),
                        List.of("guide", "../../src/site/moving.md"))) {
            String begin = "// begin " + place.get(0) + "\n";
            String end = "        // end " + place.get(0) + "\n";
            String lines =
                    source.substring(source.indexOf(begin) + begin.length(), source.indexOf(end))
                            .lines()
                            .map(line -> line.substring(8) + "\n")
                            .collect(Collectors.joining());
            assertTrue(
                    Files.readString(Path.of(place.get(1))).contains("```java\n" + lines + "```"),
                    lines);
        }
    }
}
