package io.github.dropfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.FaultyBackend;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class VerifyCommandTest {
    private static Cli verify(Backend backend, String... options) {
        StringWriter out = new StringWriter();
        int code =
                new CommandLine(new VerifyCommand(() -> List.of(backend)))
                        .setOut(new PrintWriter(out, true))
                        .execute(options);
        return new Cli(code, out.toString(), "");
    }

    @Test
    void everyBackendEqualsTheReference() {
        Cli cli = Cli.line("verify --seconds 2 --seed 1");
        String names =
                Backends.allStaged().stream().map(Backend::toString).collect(Collectors.joining(", "));
        assertEquals("", cli.err());
        assertEquals(0, cli.code(), cli.out());
        String pattern =
                "seed=1: " + names + " against the reference\n"
                        + "all equal: dropout \\d+, droppath row \\d+, droppath batch \\d+,"
                        + " mask \\d+ calls on each\n";
        assertTrue(cli.out().matches(pattern), cli.out());
    }

    @Test
    void theSeedIsPrintedAndIsAnotherEachTime() {
        String first = Cli.line("verify --seconds 0").out().lines().findFirst().orElseThrow();
        String second = Cli.line("verify --seconds 0").out().lines().findFirst().orElseThrow();
        assertTrue(first.matches("seed=-?\\d+: .*"), first);
        assertNotEquals(first, second);
    }

    @Test
    void oneBackendCanBeAskedFor() {
        Cli cli = Cli.line("verify --seconds 0 --seed 1 --backend reference");
        assertTrue(cli.out().startsWith("seed=1: reference/java against the reference\n"));
        assertEquals(2, Cli.line("verify --backend quantum").code());
    }

    @ParameterizedTest
    @EnumSource
    void aFaultIsFoundAndCanBeRepeated(FaultyBackend fault) {
        Backend faulty = fault.backend();
        Cli found = verify(faulty, "--seed", "7", "--seconds", "60");
        assertEquals(1, found.code(), found.out());
        List<String> lines = found.out().lines().toList();
        assertEquals(3, lines.size(), found.out());
        assertTrue(lines.get(1).startsWith("difference: faulty/java "), found.out());
        String repeat = "repeat with: dropfuse verify ";
        assertTrue(lines.get(2).startsWith(repeat + "--seed 7 --case "), found.out());
        Cli again = verify(faulty, lines.get(2).substring(repeat.length()).split(" "));
        assertEquals(1, again.code(), again.out());
        String difference = lines.get(1).substring(0, lines.get(1).indexOf("; case "));
        assertEquals(difference, again.out().lines().toList().getLast());
        Cli healthy = verify(Backends.reference(), lines.get(2).substring(repeat.length()).split(" "));
        assertEquals(0, healthy.code(), healthy.out());
        assertEquals("equal", healthy.out().lines().toList().getLast());
    }

    @Test
    void aFaultIsNamed() {
        assertTrue(
                verify(FaultyBackend.INPUT_CHANGED.backend(), "--seed", "7")
                        .out()
                        .contains("faulty/java changes its input; case "));
        assertTrue(
                verify(FaultyBackend.WRONG_BIT.backend(), "--seed", "7")
                        .out()
                        .matches("(?s).* gives 0x\\p{XDigit}+ at element \\d+, the reference 0x.*"));
        assertTrue(
                verify(FaultyBackend.WRONG_MASK.backend(), "--seed", "7")
                        .out()
                        .matches("(?s).* gives 0x.. in byte \\d+ of the mask, the reference 0x.*"));
    }

    @ParameterizedTest
    @CsvSource({"-1", "NaN"})
    void refusesWrongTimes(String seconds) {
        double value = Double.parseDouble(seconds);
        assertEquals(
                new Cli(
                        2,
                        "",
                        "dropfuse verify: seconds is " + value + ", allowed are 0 and more\n"),
                Cli.run("verify", "--seconds", seconds));
    }

    @Test
    void anyNanEqualsAnyNanAndNothingElse() {
        Tensor a = Tensor.of(new float[] {1, Float.NaN, 0, 4}, 4);
        Tensor b = Tensor.of(new float[] {1, Float.intBitsToFloat(0xFFC00123), 0, 4}, 4);
        assertEquals(-1, Bits.firstDifference(a, b));
        b.set(3, 5);
        assertEquals(3, Bits.firstDifference(a, b));
        b.set(2, -0.0);
        assertEquals(2, Bits.firstDifference(a, b));
        b.set(1, 7);
        assertEquals(1, Bits.firstDifference(a, b));
        assertEquals("0x80000000", Bits.hex(b, 2));
        assertEquals("0x3f80", Bits.hex(Tensor.of(new short[] {0x3f80}, DType.BFLOAT16, 1), 0));
    }

    @Test
    void casesCoverWhatTheyPromise() {
        List<VerifyCase> cases =
                java.util.stream.LongStream.range(0, 2000)
                        .mapToObj(n -> VerifyCase.random(3, n))
                        .toList();
        for (VerifyLayer layer : VerifyLayer.values()) {
            for (DType dtype : DType.values()) {
                assertTrue(
                        cases.stream().anyMatch(c -> c.layer() == layer && c.dtype() == dtype));
            }
        }
        assertTrue(cases.stream().anyMatch(VerifyCase::storedMask));
        assertTrue(cases.stream().anyMatch(VerifyCase::inPlace));
        assertTrue(cases.stream().anyMatch(c -> c.cuts().length > 1));
        assertTrue(cases.stream().anyMatch(c -> c.start() < 0));
        assertTrue(cases.stream().anyMatch(c -> c.input().heap() && !c.output().heap()));
        assertTrue(cases.stream().anyMatch(c -> VerifyLayer.DROPOUT.units(c.shape()) == 0));
        assertTrue(cases.stream().anyMatch(c -> VerifyLayer.DROPOUT.units(c.shape()) > 1 << 18));
        assertEquals(cases.get(5).toString(), VerifyCase.random(3, 5).toString());
    }
}
