package io.github.dropfuse.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.github.dropfuse.DType;
import io.github.dropfuse.Generator;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Dropout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** An array of more than 2 GiB, forward and backward. */
class HugeTest {
    /** Elements of a sample; 2^31 bytes end within sample 32 of 33. */
    private static final long SAMPLE = 1L << 25;

    private static final long SAMPLES = 33;
    private static final long NEEDED_GIB = 12;
    private static final Path MEMORY = Path.of("/proc/meminfo");

    @Test
    void moreThanTwoGibibytes() throws Exception {
        OptionalLong known = available();
        assumeTrue(known.isPresent(), MEMORY + " does not say how much memory is available");
        long available = known.getAsLong();
        assumeTrue(
                available >= NEEDED_GIB << 30,
                "needs " + NEEDED_GIB + " GiB of memory, available are " + (available >> 30));
        TorchOperator.install();
        PhiloxState state = new PhiloxState(3, 3);
        RandomBlock block =
                DropPathBlock.builder().optRate(0.8).optGenerator(Generator.from(state)).build();
        Tensor ones = Tensor.of(new float[(int) SAMPLES], SAMPLES);
        Tensor factors = Tensor.of(new float[(int) SAMPLES], SAMPLES);
        for (long i = 0; i < SAMPLES; i++) {
            ones.set(i, 1);
        }
        new Dropout(0.8).forward(ones, factors, state);
        JniUtils.setGradMode(true);
        try (NDManager manager = Arrays.manager()) {
            NDArray x = manager.create(new Shape(SAMPLES, SAMPLE), DataType.FLOAT16);
            Tensor memory = TorchArray.of(x).tensor();
            for (long i = 0; i < SAMPLES; i++) { // the others may be anything
                memory.set(i * SAMPLE, 0);
                memory.set((i + 1) * SAMPLE - 1, 3);
            }
            x.setRequiresGradient(true);
            NDArray y = Arrays.forward(block, x, true);
            check(factors, TorchArray.of(y).tensor());
            JniUtils.backward((PtNDArray) y, (PtNDArray) x.stopGradient(), false, false);
            y.close();
            check(factors, TorchArray.of(x.getGradient()).tensor());
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    private static void check(Tensor factors, Tensor memory) {
        assertEquals(DType.FLOAT16, memory.dtype());
        for (long i = 0; i < SAMPLES; i++) {
            float wanted = Float.float16ToFloat(Float.floatToFloat16(3 * (float) factors.get(i)));
            assertEquals(0, memory.get(i * SAMPLE), "sample " + i);
            assertEquals(wanted, memory.get((i + 1) * SAMPLE - 1), "sample " + i);
        }
    }

    private static OptionalLong available() throws Exception {
        if (!Files.exists(MEMORY)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(MEMORY).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst();
    }
}
