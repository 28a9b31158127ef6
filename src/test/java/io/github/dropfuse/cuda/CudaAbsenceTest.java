package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.DescribeMain;
import io.github.dropfuse.testing.NativeBuild;
import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that was named has to be one, if there are kernels that it could run. */
class CudaAbsenceTest {
    private static final String NO_KERNELS =
            "missing:   cuda: no CUDA kernels: they are in io.github.dropfuse:dropfuse-cuda, which is"
                    + " neither on the class path nor a required module";

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

    @Test
    void noKernels(@TempDir Path nowhere) throws IOException {
        assertMissing(
                nowhere,
                "no CUDA kernels: they are in io.github.dropfuse:dropfuse-cuda, which is"
                        + " neither on the class path nor a required module; a build from source makes"
                        + " them where nvcc is found");
    }

    @Test
    void kernelsThatAreTruncated(@TempDir Path directory) throws IOException {
        write(directory, "0123".getBytes(StandardCharsets.US_ASCII));
        assertMissing(directory, "no CUDA kernels: their image has 4 bytes, too few");
    }

    @Test
    void kernelsOfAnotherVersion(@TempDir Path directory) throws IOException {
        write(directory, "0123456789abcdef".repeat(8).getBytes(StandardCharsets.US_ASCII));
        assertMissing(
                directory,
                "no CUDA kernels: their image was made of other code than this library's, which is ");
    }

    private static void write(Path directory, byte[] image) throws IOException {
        Path file = directory.resolve("META-INF/native/cuda/kernels.image");
        Files.createDirectories(file.getParent());
        Files.write(file, image);
    }

    private static void assertMissing(Path kernels, String why) throws IOException {
        Output output = CudaProcess.runWithKernels(kernels, DescribeMain.class, null, Map.of());
        assertEquals(0, output.exit(), output::text);
        assertTrue(output.text().contains("missing:   cuda: " + why), output::text);
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
