package io.github.dropfuse.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.dropfuse.DType;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.testing.Patterns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Factors are what dropout makes of ones, whatever was in the memory before. */
class FactorsTest {
    private static final PhiloxState STATE = new PhiloxState(11, 3);

    @ParameterizedTest
    @EnumSource(DType.class)
    void areWhatDropoutMakesOfOnes(DType dtype) {
        for (double p : new double[] {0, 0.1, 0.5, 1}) {
            Dropout layer = new Dropout(p);
            for (int size : new int[] {0, 1, 513, 16_384, 16_385, 300_001}) {
                for (long start : new long[] {0, 77, (1L << 40) + 5}) {
                    Tensor ones = filled(dtype, 1, size);
                    Tensor wanted = filled(dtype, 1, size);
                    layer.forward(ones, wanted, STATE, start);
                    for (Execution execution : executions()) {
                        Tensor factors = filled(dtype, Double.NaN, size);
                        Masks.factors(
                                factors, p, layer.trainingScale(), STATE, start, execution);
                        Patterns.assertEqual(
                                dtype, wanted.segment(), factors.segment(),
                                p + " " + size + " " + start);
                    }
                }
            }
        }
    }

    private static Execution[] executions() {
        return new Execution[] {
            Execution.automatic(),
            Execution.automatic().sequential(),
            Execution.automatic().over(ForkJoinPool.commonPool(), 3),
            Execution.automatic().on(Backends.reference())
        };
    }

    private static Tensor filled(DType dtype, double value, int size) {
        Tensor tensor =
                Tensor.of(MemorySegment.ofArray(new byte[size * dtype.byteSize()]), dtype, size);
        for (int i = 0; i < size; i++) {
            tensor.set(i, value);
        }
        return tensor;
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor factors = Tensor.of(new float[] {7, 7}, 2);
        Execution here = Execution.automatic();
        refuses("p is 1.5, allowed are 0 to 1", factors, 1.5, 0, here);
        refuses(
                "start is 18446744073709551615, with 2 units allowed are 0 to"
                        + " 18446744073709551614",
                factors, 0.5, -1, here);
        refuses(
                "factors is read-only, it has to be writable",
                Tensor.of(factors.segment().asReadOnly(), DType.FLOAT32, 2), 0.5, 0, here);
        assertEquals(7, factors.get(0));
        Tensor none = Tensor.of(new float[0], 0);
        named("factors", () -> Masks.factors(null, 0.5, 2, STATE, 0, here));
        named("state", () -> Masks.factors(none, 0.5, 2, null, 0, here));
        named("execution", () -> Masks.factors(none, 0.5, 2, STATE, 0, null));
        Arena closed = Arena.ofConfined();
        Tensor gone = Tensor.allocate(closed, DType.FLOAT32, 4);
        closed.close();
        assertThrows(
                IllegalStateException.class, () -> Masks.factors(gone, 0.5, 2, STATE, 0, here));
    }

    private static void named(String argument, Executable call) {
        assertEquals(argument, assertThrows(NullPointerException.class, call).getMessage());
    }

    private static void refuses(
            String message, Tensor factors, double p, long start, Execution execution) {
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Masks.factors(factors, p, 2, STATE, start, execution));
        assertEquals(message, e.getMessage());
    }
}
