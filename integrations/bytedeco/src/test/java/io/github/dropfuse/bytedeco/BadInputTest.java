package io.github.dropfuse.bytedeco;

import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Wrong arguments are named, with their value and what is allowed. */
class BadInputTest {
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

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @ParameterizedTest
    @EnumSource(
            value = ScalarType.class,
            names = {"Byte", "Char", "Short", "Int", "Long", "Bool", "ComplexFloat"})
    void otherTypes(ScalarType type) {
        Tensor x = ones(new long[] {4, 4}, new TensorOptions(type));
        refused(
                "x is " + type + ", allowed are Float, Double, Half and BFloat16",
                () -> Drop.apply(DROPOUT, x, STATE));
    }

    @Test
    void undefinedAndClosed() {
        refused(
                "x is undefined, it has to be defined",
                () -> Drop.apply(DROPOUT, new Tensor(), STATE));
        Tensor closed = ones(4, 4);
        closed.close();
        refused("x is closed, it has to be open", () -> Drop.apply(DROPOUT, closed, STATE));
    }

    @Test
    void sparse() {
        Tensor x = ones(4, 4).to_sparse(1);
        refused("x has layout Sparse, allowed is Strided", () -> Drop.apply(DROPOUT, x, STATE));
    }

    /** A device without memory stands for CUDA's, which need a GPU. */
    @Test
    void otherDevices() {
        Tensor x =
                empty(
                        new long[] {4, 4},
                        new TensorOptions(ScalarType.Float)
                                .device(new DeviceOptional(new Device(DeviceType.Meta))),
                        null);
        refused("x is on meta, allowed is the CPU", () -> Drop.apply(DROPOUT, x, STATE));
    }

    @Test
    void nulls() {
        Tensor x = ones(4, 4);
        assertEquals(
                "x",
                assertThrows(NullPointerException.class, () -> Drop.apply(DROPOUT, null, STATE))
                        .getMessage());
        assertEquals(
                "source",
                assertThrows(NullPointerException.class, () -> Drop.apply(DROPOUT, x, null))
                        .getMessage());
        assertEquals(
                "layer",
                assertThrows(
                                NullPointerException.class,
                                () -> Drop.apply((Dropout) null, x, STATE))
                        .getMessage());
    }

    @Test
    void aShapeThatTheLayerDoesNotTake() {
        for (boolean recorded : new boolean[] {false, true}) {
            Tensor x = ones(4, 4).set_requires_grad(recorded);
            assertTrue(
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Drop.apply(new Dropout2d(0.5), x, STATE))
                            .getMessage()
                            .startsWith("x has rank 2"));
        }
    }
}
