package io.github.dropfuse.cuda;

import static io.github.dropfuse.cuda.CudaFaultsTest.assertContains;
import static io.github.dropfuse.cuda.CudaFaultsTest.assertNothingLeft;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver fails in calls that allocate, upload, draw and move for a layer. */
@CudaTest
class CudaFamilyFaultsTest {
    @TempDir private Path directory;

    @BeforeEach
    void needsAnEmulatingDriver() {
        CudaFaultsTest.assumeEmulation();
    }

    private Output scenario(Map<String, String> environment) throws IOException {
        return CudaProcess.run(CudaFamilyScenario.class, CudaProcess.driver(), environment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuLaunchKernel:1:1",
                "cuLaunchKernel:2:1",
                "cuLaunchKernel:3:1",
                "cuLaunchKernel:4:1",
                "cuLaunchKernel:5:1",
                "cuLaunchKernel:6:1",
                "cuLaunchKernel:7:1",
                "cuMemAllocAsync:1",
                "cuMemAllocAsync:2",
                "cuMemAllocAsync:3",
                "cuMemAllocAsync:4",
                "cuMemAllocAsync:5",
                "cuMemcpyHtoDAsync:4",
                "cuMemcpyHtoDAsync:7",
                "cuMemcpyHtoDAsync:9",
                "cuMemcpyDtoHAsync:3",
                "cuMemcpyDtoHAsync:8",
                "cuMemsetD8Async:1",
                "cuMemsetD8Async:2",
                "cuStreamSynchronize:6:1",
                "cuStreamSynchronize:24:1"
            })
    void oneCallFails(String fault) throws IOException {
        Path report = directory.resolve("report.txt");
        Output output =
                scenario(Map.of("CUDA_EMU_FAIL", fault, "CUDA_EMU_REPORT", report.toString()));
        assertEquals(0, output.exit(), output::text);
        assertContains("caught " + fault.substring(0, fault.indexOf(':')) + " CUDA_ERROR_", output);
        assertContains("\ndone\n", output);
        assertNothingLeft(report);
    }

    /** What was not freed is left, and the exception tells. */
    @ParameterizedTest
    @ValueSource(strings = {"cuMemFreeAsync:1", "cuMemFreeAsync:2", "cuMemFreeAsync:4"})
    void freeingFails(String fault) throws IOException {
        Output output = scenario(Map.of("CUDA_EMU_FAIL", fault));
        assertEquals(0, output.exit(), output::text);
        assertContains("caught cuMemFreeAsync ", output);
        assertContains("\ndone\n", output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reverse", "random:1", "random:2"})
    void anyOrderOfBlocksAndWarps(String order) throws IOException {
        Output output =
                scenario(
                        Map.of(
                                "CUDA_EMU_ORDER", order, "CUDA_EMU_POISON_REGS", "1",
                                "CUDA_EMU_STRICT", "1", "CUDA_EMU_ASYNC", "1"));
        assertEquals(0, output.exit(), output::text);
        assertContains("\ndone\n", output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.5", "9.0"})
    void everyImage(String capability) throws IOException {
        Output output =
                scenario(Map.of("CUDA_EMU_CC", capability, "CUDA_EMU_CHECK_TARGET", "1"));
        assertEquals(0, output.exit(), output::text);
        assertContains("\ndone\n", output);
    }

    @Test
    void nothingIsLeft() throws IOException {
        Path report = directory.resolve("report.txt");
        assertEquals(0, scenario(Map.of("CUDA_EMU_REPORT", report.toString())).exit());
        assertNothingLeft(report);
    }
}
