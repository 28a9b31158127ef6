package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.testing.NativeBuild.Output;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each function of the driver fails in turn, as an emulating driver can be told: the exception names
 * it, the process goes on, and nothing is left at the end.
 */
@CudaTest
class CudaFaultsTest {
    @TempDir private Path directory;

    @BeforeEach
    void needsAnEmulatingDriver() {
        assumeEmulation();
    }

    static void assumeEmulation() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup driver = SymbolLookup.libraryLookup(CudaProcess.driver(), arena);
            assumeTrue(
                    driver.find("cuEmuConfigure").isPresent(),
                    "the driver cannot be told to fail, as it is not an emulation");
        }
    }

    private Output scenario(Map<String, String> environment) throws IOException {
        return CudaProcess.run(CudaScenario.class, CudaProcess.driver(), environment);
    }

    static void assertContains(String text, Output output) {
        assertTrue(output.text().contains(text), () -> text + " is not in\n" + output.text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuInit:1:999",
                "cuDeviceGetCount:1",
                "cuDeviceGetCount:2",
                "cuDeviceGet:1",
                "cuDeviceGet:2",
                "cuDeviceGetName:1",
                "cuDeviceGetAttribute:1",
                "cuDeviceGetAttribute:4",
                "cuDeviceTotalMem:1",
                "cuDevicePrimaryCtxRetain:1",
                "cuCtxPushCurrent:1",
                "cuCtxPushCurrent:5",
                "cuCtxPopCurrent:2",
                "cuCtxSynchronize:1:1",
                "cuModuleLoadData:1",
                "cuModuleGetFunction:1",
                "cuModuleGetFunction:20",
                "cuOccupancyMaxActiveBlocksPerMultiprocessor:1",
                "cuLaunchKernel:1:1",
                "cuLaunchKernel:2:1",
                "cuLaunchKernel:3:1",
                "cuLaunchKernel:4:1",
                "cuLaunchKernel:5:1",
                "cuLaunchKernel:6:1",
                "cuLaunchKernel:9:1",
                "cuMemAlloc:1",
                "cuMemAlloc:2",
                "cuMemAlloc:3",
                "cuMemAllocAsync:1",
                "cuMemAllocAsync:2",
                "cuMemAllocAsync:4",
                "cuMemHostAlloc:1",
                "cuMemcpyHtoDAsync:1",
                "cuMemcpyDtoHAsync:1",
                "cuMemcpyDtoHAsync:2",
                "cuMemcpyAsync:1",
                "cuMemsetD8Async:1",
                "cuStreamCreate:1",
                "cuStreamCreate:2",
                "cuStreamSynchronize:1:1",
                "cuStreamSynchronize:2:1",
                "cuStreamQuery:1",
                "cuStreamWaitEvent:1",
                "cuEventCreate:1",
                "cuEventCreate:2",
                "cuEventRecord:1",
                "cuEventSynchronize:1:1",
                "cuEventQuery:1",
                "cuEventElapsedTime:1"
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

    /** A call that frees and fails has its exception too; what it did not free is left. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuMemFree:1",
                "cuMemFreeHost:1",
                "cuMemFreeAsync:1",
                "cuMemFreeAsync:2",
                "cuStreamDestroy:1",
                "cuEventDestroy:1"
            })
    void freeingFails(String fault) throws IOException {
        Output output = scenario(Map.of("CUDA_EMU_FAIL", fault));
        assertEquals(0, output.exit(), output::text);
        assertContains("caught " + fault.substring(0, fault.indexOf(':')) + " ", output);
        assertContains("\ndone\n", output);
    }

    /** A fault in a kernel stays with the context, and the exception says so; nothing crashes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuCtxSynchronize:1:719",
                "cuLaunchKernel:1:719",
                "cuLaunchKernel:2:700",
                "cuStreamSynchronize:1:719",
                "cuStreamSynchronize:2:716",
                "cuEventSynchronize:1:700"
            })
    void stickyErrorIsCalledOne(String fault) throws IOException {
        Path report = directory.resolve("report.txt");
        Output output =
                scenario(Map.of("CUDA_EMU_FAIL", fault, "CUDA_EMU_REPORT", report.toString()));
        assertEquals(3, output.exit(), output::text);
        assertContains("caught " + fault.substring(0, fault.indexOf(':')) + " CUDA_ERROR_", output);
        assertContains("this process cannot use the device any more", output);
        assertTrue(Files.readString(report).contains("leaks:\n"));
    }

    @Test
    void outOfMemory() throws IOException {
        Output output = scenario(Map.of("CUDA_EMU_MEM", "4K"));
        assertEquals(3, output.exit(), output::text);
        assertContains("caught cuMemAlloc CUDA_ERROR_OUT_OF_MEMORY 2", output);
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

    @Test
    void oldestDeviceGetsItsImage() throws IOException {
        Output output =
                scenario(Map.of("CUDA_EMU_CC", "7.5", "CUDA_EMU_CHECK_TARGET", "1"));
        assertEquals(0, output.exit(), output::text);
    }

    @Test
    void nothingIsLeft() throws IOException {
        Path report = directory.resolve("report.txt");
        assertEquals(0, scenario(Map.of("CUDA_EMU_REPORT", report.toString())).exit());
        assertNothingLeft(report);
    }

    static void assertNothingLeft(Path report) throws IOException {
        String text = Files.readString(report);
        String leaks = text.substring(text.indexOf("leaks:\n"));
        assertEquals("leaks:\n  none\n", leaks);
    }

    @Test
    void twoDevices() throws IOException {
        Output output =
                CudaProcess.run(
                        TwoDevices.class, CudaProcess.driver(), Map.of("CUDA_EMU_DEVICES", "2"));
        assertEquals(
                """
                equal
                refused: y is in memory of cuda:1, which cuda/sm_90 cannot access; allowed is the \
                device's or pinned memory
                refused: x is in memory of cuda:0, which cuda/sm_90 cannot access; allowed is the \
                device's or pinned memory
                refused: target is in memory of cuda:1, which cuda:0 cannot access
                refused: stream is of cuda:1 (NVIDIA H100 80GB HBM3 (PTX emulator), 9.0), allowed \
                is the event's cuda:0 (NVIDIA H100 80GB HBM3 (PTX emulator), 9.0)
                """,
                output.text());
    }

    @Test
    void noDevice() throws IOException {
        Output output = scenario(Map.of("CUDA_EMU_DEVICES", "0"));
        assertContains("no CUDA device: the driver " + CudaProcess.driver() + " finds none", output);
    }
}
