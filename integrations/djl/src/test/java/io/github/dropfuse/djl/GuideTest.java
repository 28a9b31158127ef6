package io.github.dropfuse.djl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.integrations.testing.Page;
import io.github.dropfuse.integrations.testing.Snippets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Java of the moving guide's section and of this adapter's page, as it stands there. */
class GuideTest {
    private static final List<String> IMPORTS =
            List.of(
                    "ai.djl.ndarray.NDArray",
                    "ai.djl.nn.*",
                    "ai.djl.nn.core.Linear",
                    "io.github.dropfuse.*",
                    "io.github.dropfuse.djl.*",
                    "io.github.dropfuse.layer.DepthRates",
                    "io.github.dropfuse.layer.Dropout",
                    "java.nio.*",
                    "java.util.List");

    private static final Snippets SNIPPETS =
            new Snippets(IMPORTS, "Generator generator, NDArray array");

    private final Generator generator = Generator.seeded(42);
    private Page guide;

    @BeforeEach
    void read() throws IOException {
        guide = Page.of(Path.of("..", "..", "src", "site", "moving.md")).section("From DJL");
    }

    private Object value(String expression) throws Exception {
        return SNIPPETS.run("return " + expression + ";", generator, null);
    }

    @Test
    void page() throws Exception {
        List<String> blocks = Page.of(Path.of("README.md")).java();
        assertEquals(2, blocks.size());
        List<?> made =
                (List<?>)
                        new Snippets(IMPORTS, "")
                                .run(blocks.getLast() + "return List.of(net, generator);");
        train((Block) made.get(0));
        assertEquals(5, ((Generator) made.get(1)).state().offset());
    }

    /** With its own imports, it prints what it says that it prints. */
    @Test
    void program() throws Exception {
        String[] program = Page.of(Path.of("README.md")).java().getFirst().split("\n\n", 2);
        List<String> imports =
                program[0].lines()
                        .map(line -> line.substring("import ".length(), line.length() - 1))
                        .toList();
        List<String> said =
                program[1].lines()
                        .filter(line -> line.strip().startsWith("// "))
                        .map(line -> line.strip().substring(3))
                        .toList();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            new Snippets(imports, "").run(program[1] + "return null;");
        } finally {
            System.setOut(out);
        }
        assertEquals(1, said.size());
        assertEquals(said, printed.toString(UTF_8).lines().toList());
    }

    @Test
    void blocks() throws Exception {
        assertEquals(2, guide.java().size());
        List<?> made =
                (List<?>)
                        SNIPPETS.run(
                                guide.java().get(0) + "return List.of(dropout, residual);",
                                generator,
                                null);
        train(
                new SequentialBlock()
                        .add(Linear.builder().setUnits(64).build())
                        .add((Block) made.get(0))
                        .add((Block) made.get(1)));
        assertEquals(2, generator.state().offset());
    }

    private static void train(Block net) {
        try (NDManager manager = Arrays.manager()) {
            net.initialize(manager, DataType.FLOAT32, new Shape(8, 16));
            NDList inputs = new NDList(manager.ones(new Shape(8, 16)));
            NDList out = net.forward(new ParameterStore(manager, false), inputs, true);
            assertEquals(new Shape(8, 64), out.singletonOrThrow().getShape());
        }
    }

    /** What is written by way of the tensor is in the array. */
    @Test
    void memory() throws Exception {
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 20, 30);
        Tensor y = Arrays.zeros(DType.FLOAT32, 20, 30);
        new Dropout(0.1).forward(x, y, generator.state());
        try (NDManager manager = Arrays.manager()) {
            NDArray array = Arrays.array(manager, x);
            SNIPPETS.run(guide.java().get(1) + "return null;", generator, array);
            Arrays.assertBits(y, Arrays.plain(array), "array");
        }
    }

    /** The block that is named beside a layer has the layer's bits, and every other one exists. */
    @Test
    void table() throws Exception {
        List<String> row = guide.rows().getFirst();
        RandomBlock block = (RandomBlock) value(Page.code(row.get(1)).getFirst());
        Dropout layer = (Dropout) value(Page.code(row.get(2)).getFirst());
        Tensor x = Arrays.plain(DType.FLOAT32, 1, 20, 30);
        Tensor y = Arrays.zeros(DType.FLOAT32, 20, 30);
        layer.forward(x, y, generator.state());
        try (NDManager manager = Arrays.manager()) {
            NDArray out = Arrays.forward(block, Arrays.array(manager, x), true);
            Arrays.assertBits(y, Arrays.plain(out), "y");
        }
        List<String> blocks = Page.code(guide.rows().getLast().get(1));
        assertEquals(8, blocks.size());
        for (String name : blocks) {
            assertEquals(
                    name, value(name + ".builder().build()").getClass().getSimpleName());
        }
    }
}
