package io.github.dropfuse.bytedeco;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.integrations.testing.Page;
import io.github.dropfuse.integrations.testing.Snippets;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The Java of the moving guide's section and of this adapter's page, as it stands there. */
class GuideTest {
    private static final Snippets SNIPPETS =
            new Snippets(
                    List.of(
                            "io.github.dropfuse.Generator",
                            "io.github.dropfuse.bytedeco.Drop",
                            "io.github.dropfuse.layer.*",
                            "java.util.List",
                            "org.bytedeco.javacpp.PointerScope",
                            "org.bytedeco.pytorch.Tensor",
                            "static org.bytedeco.pytorch.global.torch.*"),
                    "Tensor x, Generator generator");

    private static Tensor leaf() {
        return Plain.torch(Plain.random(1, DType.FLOAT32, 8, 8)).set_requires_grad(true);
    }

    private static String only(List<String> blocks) {
        assertEquals(1, blocks.size());
        return blocks.getFirst();
    }

    @Test
    void guide() throws Exception {
        Page page = Page.of(Path.of("..", "..", "src", "site", "moving.md"));
        String block = only(page.section("From bytedeco's PyTorch").java());
        try (PointerScope scope = new PointerScope()) {
            Tensor x = leaf();
            List<?> made =
                    (List<?>)
                            SNIPPETS.run(
                                    block + "return List.of(y, z, out);", x, Generator.seeded(42));
            Generator generator = Generator.seeded(42);
            Tensor again = leaf();
            Tensor y = Drop.apply(new Dropout(0.1), again, generator.next());
            y.mul(y.mul(new Scalar(2)).detach()).sum().backward();
            assertArrayEquals(Plain.bits(y), Plain.bits((Tensor) made.get(0)));
            assertArrayEquals(Plain.bits(again.grad()), Plain.bits(x.grad()));
            assertSame(x, made.get(1));
            Tensor out = again.add(Drop.apply(new DropPath(0.2), y, generator.next()));
            assertArrayEquals(Plain.bits(out), Plain.bits((Tensor) made.get(2)));
        }
    }

    @Test
    void page() throws Exception {
        String block = only(Page.of(Path.of("README.md")).java());
        int before = Hooks.kept();
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = (Tensor) SNIPPETS.run(block + "return weight;", leaf(), null);
            assertTrue(weight.grad().defined());
            assertEquals(before, Hooks.kept());
        }
    }
}
