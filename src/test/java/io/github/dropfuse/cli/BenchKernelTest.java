package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.DType;
import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.Masks;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That what is timed under a name is what the name says, on every backend. */
class BenchKernelTest {
    private static final long ELEMENTS = 2 * 197 * 768;
    private static final PhiloxState STATE = new PhiloxState(42, 7);
    private static final Execution REFERENCE = Execution.automatic().on(Backends.reference());

    @ParameterizedTest
    @EnumSource
    void computesWhatItIsCalled(BenchKernel kernel) {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
            for (long e = 0; e < ELEMENTS; e++) {
                x.set(e, e % 251 - 125);
            }
            Tensor expected = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
            expect(kernel, x, expected);
            for (Backend backend : Backends.all()) {
                Tensor y = Tensor.allocate(arena, DType.FLOAT32, ELEMENTS);
                kernel.on(x, y, Execution.automatic().on(backend), arena).accept(STATE);
                assertEquals(-1, expected.segment().mismatch(y.segment()), backend::toString);
            }
        }
    }

    private static void expect(BenchKernel kernel, Tensor x, Tensor y) {
        Dropout dropout = new Dropout(0.1).with(REFERENCE);
        switch (kernel) {
            case FORWARD -> dropout.forward(x, y, STATE);
            case BACKWARD -> dropout.backward(x, y, STATE);
            case STORED_MASK -> dropout.forward(x, y, BenchKernel.STORED);
            case DROPPATH ->
                    new DropPath(0.5)
                            .with(REFERENCE)
                            .forward(x.reshape(2, 197, 768), y.reshape(2, 197, 768), STATE);
            case MASK -> {
                Mask bits = Mask.of(y.segment().asSlice(0, ELEMENTS / 8), ELEMENTS);
                Masks.draw(bits, 0.1, STATE, 0, REFERENCE);
            }
        }
    }
}
