package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A driver that was named has to be one, if there are kernels that it could run. */
class CudaAbsenceTest {
    private static final String NO_KERNELS =
            "missing:   cuda: no CUDA kernels: this library was built without nvcc, the CUDA"
                    + " compiler\n";

    @BeforeEach
    void isBuilt() {
        assumeTrue(NativeBuild.required(), "a build without native code has no driver to look for");
    }

    @Test
    void noDriver() throws IOException {
        assertRefused(
                "dropfuse.cuda.driver", "/no/such/driver.so",
                CudaProcess.run(DescribeMain.class, "/no/such/driver.so", Map.of()));
    }

    @Test
    void driverWithoutItsFunctions() throws IOException {
        assertRefused(
                "dropfuse.cuda.driver", "libm.so.6",
                CudaProcess.run(DescribeMain.class, "libm.so.6", Map.of()));
    }

    @Test
    void noDriverInTheEnvironment() throws IOException {
        assertRefused(
                "DROPFUSE_CUDA_DRIVER", "/no/such/driver.so",
                CudaProcess.run(
                        DescribeMain.class, null,
                        Map.of("DROPFUSE_CUDA_DRIVER", "/no/such/driver.so")));
    }

    /** Both times that it is used. */
    private static void assertRefused(String setting, String value, Output output) {
        if (output.text().contains(NO_KERNELS)) {
            assertEquals(0, output.exit(), output::text);
            return;
        }
        String message =
                setting + " is " + value + ", allowed is the path of a CUDA driver's library: no"
                        + " CUDA driver: " + value;
        assertEquals(1, output.exit(), output::text);
        assertTrue(output.text().contains("refused:   " + message), output::text);
        assertTrue(output.text().contains("IllegalArgumentException: " + message), output::text);
    }
}
