package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.cuda.Cuda;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** With a device every command gives the same bits; without one it says why, and exits 2. */
class CudaCommandsTest {
    private static final String MASK = "mask --p 0.1 --seed 42 --count 1000";
    private static final String ANSWER =
            "kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739\n";

    /** A call of every layer. */
    private static final String VERIFY = "verify --seconds 0 --seed 3 --backend ";

    private final Optional<String> why = Cuda.unavailable();

    @Test
    void maskAndVerify() {
        Cli mask = Cli.line(MASK + " --backend cuda");
        Cli verify = Cli.line(VERIFY + "cuda");
        if (why.isPresent()) {
            String allowed =
                    Backends.all().stream().map(Backend::toString).collect(Collectors.joining(", "));
            String text =
                    ": backend is cuda, which cannot run here: " + why.get() + "; allowed are "
                            + allowed + "\n";
            assertEquals(new Cli(2, "", "dropfuse mask" + text), mask);
            assertEquals(new Cli(2, "", "dropfuse verify" + text), verify);
            return;
        }
        assertEquals(new Cli(0, ANSWER, ""), mask);
        assertEquals(new Cli(0, ANSWER, ""), Cli.line(MASK + " --backend cuda --device 0"));
        Cli all = Cli.line(VERIFY + "reference");
        assertTrue(verify.out().contains("\nequal: cuda/sm_"), verify.out());
        String decisions = "decisions compared with the reference's: ";
        assertTrue(verify.out().matches("(?s).*" + decisions + "[1-9]\\d*\n"), verify.out());
        String compared =
                verify.out()
                        .replaceAll("cuda/sm_\\d+", "reference/java")
                        .replaceAll(decisions + "\\d+", decisions + "0");
        assertEquals(all, new Cli(verify.code(), compared, verify.err()));
    }

    @Test
    void benchByEvents() {
        Cli bench = Cli.line("bench --backend cuda --seconds 0.01 --json");
        assertEquals(why.isPresent() ? 2 : 0, bench.code(), bench.err());
        assertTrue(why.isPresent() || bench.out().contains("\"kernel\" : \"forward\""), bench.out());
    }

    @Test
    void wrongUsage() {
        assertEquals(
                new Cli(2, "", "dropfuse mask: --device is for --backend cuda\n"),
                Cli.line(MASK + " --device 0"));
        assertEquals(
                new Cli(2, "", "dropfuse mask: --tier is for --backend native, java and reference\n"),
                Cli.line(MASK + " --backend cuda --tier sm_90"));
        Cli far = Cli.line(MASK + " --backend cuda --device 99");
        assertEquals(2, far.code());
        assertTrue(why.isPresent() || far.err().contains("cuda:99, allowed are cuda:0 to cuda:"));
    }
}
