package io.github.dropfuse.cli.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.cuda.CudaTest;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layer through the command on a device is the layer called from Java on the reference. */
@CudaTest
class CudaApplyTest extends ApplyCaseTest {
    private static final String CUDA = " --backend cuda";

    @ParameterizedTest
    @MethodSource("cases")
    void isTheLayerCalledFromJava(ApplyCases.Case wanted) throws IOException {
        check(wanted, DType.FLOAT32, 777, false, CUDA);
        check(wanted, DType.BFLOAT16, 3, true, CUDA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rand", "dropout"})
    void givesTheHostsBytesInTheWayOfPytorch(String stream) throws IOException {
        write(in, DType.FLOAT16, 9, 5, 4);
        String line =
                "--layer dropout --p 0.3 --noise-shape 9,1,4 --seed 7 --stream pytorch-" + stream
                        + " " + in + " " + out;
        assertEquals(0, apply(WHOLE, line).code());
        byte[] host = bytes(out);
        Cli cuda = apply(20, line + CUDA + " --force");
        assertEquals(0, cuda.code(), cuda.err());
        assertTrue(cuda.out().contains(" backend=cuda/sm_"), cuda.out());
        assertArrayEquals(host, bytes(out));
    }
}
