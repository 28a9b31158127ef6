package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.Scaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hooks live as long as their graph. */
class HooksTest {
    private static final PhiloxState STATE = Generator.seeded(42).next();
    private static final Dropout DROPOUT = new Dropout(0.5);
    private static final long PAGE = 4096;

    private int before;

    @BeforeEach
    void count() {
        before = Hooks.kept();
    }

    private int kept() {
        return Hooks.kept() - before;
    }

    private static Tensor leaf(long... shape) {
        return ones(shape).set_requires_grad(true);
    }

    @Test
    void aHookGoesWithItsGraph() {
        try (PointerScope outer = new PointerScope()) {
            Tensor x = leaf(4, 4);
            Tensor loss;
            try (PointerScope inner = new PointerScope()) {
                loss = Drop.apply(DROPOUT, x, STATE).sum().retainReference();
            }
            assertEquals(1, kept(), "the loss still needs it");
            loss.backward();
            assertEquals(
                    Drop.apply(DROPOUT, ones(4, 4), STATE).sum().item_float(),
                    x.grad().sum().item_float());
            assertEquals(1, kept());
            loss.close();
            assertEquals(0, kept());
        }
    }

    @Test
    void withoutABackwardPassToo() {
        try (PointerScope scope = new PointerScope()) {
            Drop.apply(DROPOUT, leaf(4, 4), STATE);
            assertEquals(1, kept());
        }
        assertEquals(0, kept());
    }

    @Test
    void aRefusedCallLeavesNone() {
        try (PointerScope scope = new PointerScope()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Drop.apply(new Dropout2d(0.5), leaf(4, 4), STATE));
            assertEquals(0, kept());
        }
    }

    /** Each of many graphs at once has its own hook. */
    @Test
    void manyGraphsAtOnce() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = leaf(1);
            List<Tensor> outputs = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                outputs.add(Drop.apply(halving(i), x, STATE));
            }
            assertEquals(100, kept());
            for (int i = 99; i >= 0; i--) {
                x.mutable_grad().reset();
                outputs.get(i).backward();
                Tensor expected = Drop.apply(halving(i), ones(1), STATE);
                assertEquals(expected.item_float(), x.grad().item_float(), "graph " + i);
            }
        }
        assertEquals(0, kept());
    }

    private static Dropout halving(int i) {
        return new Dropout(i / 200.0, Scaling.IN_TRAINING);
    }

    /** Without a scope the collector frees the graph, and with it the hook. */
    @Test
    @Timeout(60)
    void theCollectorFreesThemToo() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            Drop.apply(DROPOUT, leaf(4, 4), STATE).sum().backward();
        }
        while (kept() > 0) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(0, kept());
    }

    /** 10,000 steps on 256 KiB: one tensor kept per step would be 2.5 GiB. */
    @Test
    void memoryDoesNotGrow() throws IOException {
        Generator generator = Generator.seeded(1);
        long start = 0;
        for (int step = 0; step < 11_000; step++) {
            try (PointerScope scope = new PointerScope()) {
                Tensor x = leaf(64, 1024);
                Tensor hidden = Drop.apply(DROPOUT, x, generator.next());
                Drop.apply(DROPOUT, hidden, generator.next()).sum().backward();
            }
            assertEquals(0, kept());
            if (step == 1_000) {
                start = resident();
            }
        }
        long grown = resident() - start;
        assertTrue(grown < 128 << 20, "grown by " + grown + " bytes");
    }

    private static long resident() throws IOException {
        return PAGE * Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    }
}
