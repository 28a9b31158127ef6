package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.ones_like;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.AlphaDropout;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gradient in graphs of every shape. Powers of 2 keep the sums exact. */
class AutogradTest {
    private static final Dropout DROPOUT = new Dropout(0.5);
    private static final PhiloxState STATE = Generator.seeded(42).next();

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor leaf() {
        return ones(64, 8).set_requires_grad(true);
    }

    /** 2 where an element is kept and 0 where it is dropped. */
    private static Tensor factors() {
        return Drop.apply(DROPOUT, ones(64, 8), STATE);
    }

    private static void assertGradient(Tensor expected, Tensor leaf) {
        assertArrayEquals(Plain.bits(expected), Plain.bits(leaf.grad()));
    }

    @Test
    void ofALossAndOfWhatComesBefore() {
        Tensor x = leaf();
        Drop.apply(DROPOUT, x.mul(new Scalar(4)), STATE).square().sum().backward();
        // y = f · 4x, d(y²)/dx = 2 y · f · 4, at x = 1
        assertGradient(factors().square().mul(new Scalar(32)), x);
    }

    @Test
    void ofTwoUsesOfTheInputAndOfTheOutput() {
        Tensor x = leaf();
        Tensor y = Drop.apply(DROPOUT, x, STATE);
        y.add(y).add(x).sum().backward();
        assertGradient(factors().mul(new Scalar(2)).add(new Scalar(1)), x);
    }

    @Test
    void ofTwoLayersInARow() {
        Tensor x = leaf();
        PhiloxState other = Generator.seeded(7).next();
        Drop.apply(new DropPath(0.5), Drop.apply(DROPOUT, x, STATE), other).sum().backward();
        assertGradient(
                factors().mul(Drop.apply(new DropPath(0.5), ones(64, 8), other)), x);
    }

    @Test
    void ofAGraphThatIsUsedAgain() {
        Tensor x = leaf();
        Tensor y = Drop.apply(DROPOUT, x, STATE);
        for (int i = 0; i < 3; i++) {
            Gradients.backward(y, ones(64, 8), true);
        }
        assertGradient(factors().mul(new Scalar(3)), x);
    }

    @Test
    void ofAnOutputThatIsChangedInPlace() {
        Tensor x = leaf();
        Drop.apply(DROPOUT, x, STATE).mul_(new Scalar(4)).sum().backward();
        assertGradient(factors().mul(new Scalar(4)), x);
    }

    @Test
    void ofPartOfTheOutput() {
        Tensor x = leaf();
        Drop.apply(DROPOUT, x, STATE).narrow(0, 8, 8).sum().backward();
        Tensor expected = factors();
        expected.narrow(0, 0, 8).zero_();
        expected.narrow(0, 16, 48).zero_();
        assertGradient(expected, x);
    }

    @Test
    void ofTheGradient() {
        Tensor x = leaf();
        for (int twice = 0; twice < 2; twice++) {
            // z = sum(y³); dz/dx = 3 y² f = 3 f³ x²; its sum's gradient is 6 f³ x.
            Tensor y = Drop.apply(DROPOUT, x, STATE);
            Tensor z = y.mul(y).mul(y).sum();
            x.mutable_grad().reset();
            z.backward(new Tensor(), new BoolOptional(true), true, new TensorArrayRefOptional());
            Tensor first = x.grad().clone();
            assertTrue(first.requires_grad());
            x.mutable_grad().reset();
            first.sum().backward();
            assertGradient(factors().pow(new Scalar(3)).mul(new Scalar(6)), x);
        }
    }

    @Test
    void ofAlphaDropoutOfTheGradient() {
        AlphaDropout alpha = new AlphaDropout(0.5);
        Tensor x = leaf();
        Tensor y = Drop.apply(alpha, x, STATE);
        Gradients.backward(y, ones(64, 8), true);
        Tensor factors = x.grad().clone();
        Tensor dy = ones(64, 8).set_requires_grad(true);
        x.mutable_grad().reset();
        y.backward(dy, new BoolOptional(true), true, new TensorArrayRefOptional());
        x.grad().sum().backward();
        assertArrayEquals(Plain.bits(factors), Plain.bits(dy.grad()));
    }

    @Test
    void withoutAGradientNothingIsRecorded() {
        int before = Hooks.kept();
        Tensor y = Drop.apply(DROPOUT, ones(64, 8), STATE);
        assertFalse(y.requires_grad());
        assertEquals(before, Hooks.kept());
    }

    @Test
    void anErrorInTheBackwardPassReachesTheCaller() {
        Tensor x = leaf();
        Tensor y;
        try (Arena arena = Arena.ofConfined()) {
            Mask mask =
                    DROPOUT.mask(arena, Plain.zeros(DType.FLOAT32, 64, 8), STATE);
            y = Drop.apply(DROPOUT, x, mask);
        }
        RuntimeException e =
                assertThrows(RuntimeException.class, () -> y.sum().backward());
        assertTrue(e.getMessage().contains("Already closed"), e.getMessage());
        assertFalse(x.grad().defined());
    }

    @Test
    void threadsHaveGraphsOfTheirOwn() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<byte[]>> gradients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                PhiloxState state = new PhiloxState(i % 5, 0);
                gradients.add(
                        threads.submit(
                                () -> {
                                    try (PointerScope own = new PointerScope()) {
                                        Tensor x = leaf();
                                        Drop.apply(DROPOUT, x, state).sum().backward();
                                        return Plain.bits(x.grad());
                                    }
                                }));
            }
            for (int i = 0; i < 40; i++) {
                Tensor expected = Drop.apply(DROPOUT, ones(64, 8), new PhiloxState(i % 5, 0));
                assertArrayEquals(Plain.bits(expected), gradients.get(i).get());
            }
        }
    }

    @Test
    void aBackwardPassOnAnotherThread() throws Exception {
        Tensor x = leaf();
        Tensor y = Drop.apply(DROPOUT, x, STATE);
        Thread thread = new Thread(() -> Gradients.backward(y, ones_like(y)));
        thread.start();
        thread.join();
        assertGradient(factors(), x);
    }
}
