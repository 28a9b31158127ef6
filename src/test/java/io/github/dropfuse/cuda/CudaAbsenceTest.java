package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Without a driver everything else works, and one sentence says why CUDA does not. */
class CudaAbsenceTest {
    @Test
    void noDriver() throws IOException {
        assumeTrue(NativeBuild.required(), "a build without native code has no driver to look for");
        Output output = CudaProcess.run(DescribeMain.class, "/no/such/driver.so", Map.of());
        assertEquals(0, output.exit(), output::text);
        assertTrue(
                output.text()
                        .matches(
                                "(?s).*missing:   cuda: (no CUDA driver: /no/such/driver.so: .*"
                                        + "|no CUDA kernels: this library was built without nvcc.*)"
                                        + "kept:      894\n"),
                output::text);
    }

    @Test
    void driverWithoutItsFunctions() throws IOException {
        assumeTrue(NativeBuild.required(), "a build without native code has no driver to look for");
        Output output = CudaProcess.run(DescribeMain.class, "libm.so.6", Map.of());
        assertEquals(0, output.exit(), output::text);
        assertTrue(
                output.text()
                        .matches(
                                "(?s).*missing:   cuda: (no CUDA driver: libm.so.6 has no function "
                                        + "cu.*|no CUDA kernels: .*)kept:      894\n"),
                output::text);
    }
}
