package io.github.dropfuse.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.testing.NativeBuild.Output;
import io.github.dropfuse.testing.UnloadMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of the device's is left, as an emulating driver reports at the end of a process. */
@CudaTest
class CudaLeaksTest {
    @TempDir private Path directory;

    @BeforeEach
    void needsAnEmulatingDriver() {
        CudaFaultsTest.assumeEmulation();
    }

    @Test
    void streamsThatAreClosedInTheMiddleOfCalls() throws IOException {
        assertNothingLeft(ClosedStreamScenario.class, "done\n");
    }

    @Test
    void aClassLoaderThatIsDropped() throws IOException {
        assertNothingLeft(
                UnloadMain.class, "done\nmapped:    true\ncollected: true\nmapped:    false\n",
                CudaScenario.class.getName());
    }

    private void assertNothingLeft(Class<?> main, String said, String... arguments)
            throws IOException {
        Path report = directory.resolve("report.txt");
        Map<String, String> environment = Map.of("CUDA_EMU_REPORT", report.toString());
        Output output = CudaProcess.run(main, CudaProcess.driver(), environment, arguments);
        assertEquals(0, output.exit(), output::text);
        assertTrue(output.text().endsWith(said), output::text);
        CudaFaultsTest.assertNothingLeft(report);
    }
}
