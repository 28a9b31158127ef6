package io.github.dropfuse.cli.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.FaultyBackend;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
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
        List<Backend> backends = Backends.allStaged();
        String names = backends.stream().map(Backend::toString).collect(Collectors.joining(", "));
        assertEquals("", cli.err());
        assertEquals(0, cli.code(), cli.out());
        List<String> lines = cli.out().lines().toList();
        assertEquals("seed=1: " + names + " against the reference", lines.getFirst());
        for (VerifyLayer layer : VerifyLayer.values()) {
            assertTrue(lines.get(2 + layer.ordinal()).matches(layer + " +[1-9]\\d*"), cli.out());
        }
        for (Backend backend : backends) {
            String equal =
                    "equal: " + backend + ", \\d+ calls of " + VerifyLayer.values().length + " layers";
            assertTrue(lines.stream().anyMatch(line -> line.matches(equal)), cli.out());
        }
    }

    /** Each primitive that a layer uses is compared when the layer is verified. */
    @ParameterizedTest
    @CsvSource({
        "MASK, MASK",
        "DROPOUT, DROP",
        "DROPOUT, COPY",
        "NOISE_SHAPE, DROP",
        "NOISE_SHAPE, AFFINE",
        "DROPOUT1D, DROP",
        "DROPOUT2D, DROP",
        "DROPOUT3D, DROP",
        "DROPPATH, DROP",
        "ALPHADROPOUT, AFFINE",
        "FEATUREALPHADROPOUT, AFFINE",
        "GAUSSIANDROPOUT, NORMAL",
        "GAUSSIANDROPOUT, COPY",
        "GAUSSIANNOISE, NORMAL",
        "DROPOUTADD, RESIDUAL",
        "DROPOUTADD, DROP",
        "BIAS_GRADIENT, SUM_ROWS",
        "BIAS_GRADIENT, SUM_TREE",
        "DROPPATHADD, RESIDUAL",
        "DROPPATHADD, DROP",
        "GAMMA_GRADIENT, SUM_ROWS",
        "GAMMA_GRADIENT, SUM_TREE",
        "KEPTSAMPLES, MASK",
        "KEPTSAMPLES, DROP",
        "KEPTSAMPLES, RESIDUAL",
        "KEPTSAMPLES, ROWS",
        "TOKENDROP, ROWS",
        "DROPBLOCK2D, MASK",
        "DROPBLOCK2D, BLOCKS",
        "DROPBLOCK2D, DROP",
        "DROPBLOCK3D, MASK",
        "DROPBLOCK3D, BLOCKS",
        "DROPBLOCK3D, DROP",
        "PYTORCH_RAND, MERSENNE_MASK",
        "PYTORCH_RAND, PRODUCT",
        "PYTORCH_RAND, PRODUCT_REPEATED",
        "PYTORCH_DROPOUT, MERSENNE_MASK",
        "PYTORCH_DROPOUT, PRODUCT",
        "PYTORCH_DROPOUT, PRODUCT_REPEATED",
        "PYTORCH_DROPOUT, COPY"
    })
    void faultsAreFoundInEachLayer(VerifyLayer layer, FaultyBackend fault) {
        Cli cli =
                verify(fault.backend(), "--seed", "7", "--seconds", "60", "--layer", layer.toString());
        assertEquals(1, cli.code(), cli.out());
        assertTrue(cli.out().contains("difference: faulty/java "), cli.out());
        assertTrue(cli.out().contains(", " + layer + ": "), cli.out());
    }

    @Test
    void everyPrimitiveHasAFault() {
        assertEquals(
                Set.of(FaultyBackend.writers()),
                Arrays.stream(FaultyBackend.values())
                        .map(FaultyBackend::primitive)
                        .collect(Collectors.toSet()));
    }

    /** On a device too: nothing that a backend refuses counts as compared. */
    @ParameterizedTest
    @CsvSource({"native", "cuda"})
    void aRefusalIsADifference(String name) {
        Cli cli = verify(FaultyBackend.REFUSED.backend(name), "--seed", "7", "--seconds", "0");
        assertEquals(1, cli.code(), cli.out());
        String refused =
                "difference: " + name + "/java fails: java.lang.UnsupportedOperationException: not on"
                        + " this memory; case ";
        assertTrue(cli.out().contains(refused), cli.out());
    }

    @Test
    void oneLayerCanBeAskedFor() {
        Cli cli = Cli.line("verify --seconds 0 --seed 1 --layer dropblock3d");
        assertEquals(0, cli.code(), cli.err());
        assertEquals("dropblock3d          1", cli.out().lines().toList().get(2));
        Cli wrong = Cli.line("verify --layer dropin");
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("dropin, allowed are mask, dropout, "), wrong.err());
    }

    @Test
    void aCaseHasItsOwnLayer() {
        assertEquals(
                new Cli(2, "", "dropfuse verify: --case and --layer exclude each other\n"),
                Cli.line("verify --seconds 0 --seed 1 --case 3 --layer mask"));
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
        assertTrue(healthy.out().contains("equal: reference/java, 1 calls of 1 layers"));
    }

    @Test
    void aFaultIsNamed() {
        assertFault(FaultyBackend.INPUT_CHANGED, "changes its input x; case \\d+, ");
        assertFault(FaultyBackend.OUTSIDE, "writes outside of [xy]; case \\d+, ");
        assertFault(
                FaultyBackend.DROP,
                "gives 0x\\p{XDigit}+ at element \\d+ of y, the reference 0x\\p{XDigit}+; case ");
        assertFault(
                FaultyBackend.MASK, "gives 0x.. in byte \\d+ of bits, the reference 0x..; case ");
    }

    private static void assertFault(FaultyBackend fault, String words) {
        String out = verify(fault.backend(), "--seed", "7").out();
        assertTrue(out.matches("(?s).*\ndifference: faulty/java " + words + ".*"), out);
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
                LongStream.range(0, 100 * VerifyLayer.values().length)
                        .mapToObj(n -> VerifyCase.random(3, n))
                        .toList();
        for (VerifyLayer layer : VerifyLayer.values()) {
            List<VerifyCase> own = cases.stream().filter(c -> c.layer() == layer).toList();
            assertEquals(100, own.size());
            for (DType dtype : layer == VerifyLayer.MASK ? new DType[0] : DType.values()) {
                assertTrue(
                        own.stream().anyMatch(c -> c.operands().getFirst().dtype() == dtype),
                        layer + " " + dtype);
            }
        }
        assertTrue(anyOperand(cases, o -> o.name().equals(VerifyOperand.MASK)));
        assertTrue(anyOperand(cases, o -> "x".equals(o.place())));
        assertTrue(anyOperand(cases, o -> "residual".equals(o.place())));
        assertTrue(anyOperand(cases, o -> o.byteSize() == 0));
        assertTrue(anyOperand(cases, o -> o.dtype() != null && o.byteSize() > 1 << 20));
        assertTrue(cases.stream().anyMatch(c -> c.cuts().length > 1));
        assertTrue(
                cases.stream()
                        .anyMatch(c -> c.places().getFirst().heap() && !c.places().getLast().heap()));
        assertTrue(
                cases.stream()
                        .filter(c -> c.subject() instanceof VerifyUnits)
                        .anyMatch(c -> ((VerifyUnits) c.subject()).source().start() < 0));
        assertEquals(cases.get(5).toString(), VerifyCase.random(3, 5).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "BIAS_GRADIENT, scaling=AT_INFERENCE",
        "BIAS_GRADIENT, scaling=NONE",
        "GAMMA_GRADIENT, mode=BATCH",
        "GAMMA_GRADIENT, scaling=NONE",
        "KEPTSAMPLES, stored mask",
        "PYTORCH_RAND, units=element",
        "PYTORCH_RAND, channels first",
        "PYTORCH_RAND, channels last",
        "PYTORCH_RAND, noise shape",
        "PYTORCH_RAND, mode=ROW",
        "PYTORCH_RAND, mode=BATCH",
        "PYTORCH_DROPOUT, channels last",
        "PYTORCH_DROPOUT, mode=BATCH"
    })
    void formsAreAmongTheCases(VerifyLayer layer, String form) {
        int layers = VerifyLayer.values().length;
        assertTrue(
                LongStream.range(0, 100)
                        .mapToObj(n -> VerifyCase.random(3, layer.ordinal() + n * layers))
                        .anyMatch(c -> c.subject().toString().contains(form)));
    }

    private static boolean anyOperand(List<VerifyCase> cases, Predicate<VerifyOperand> wanted) {
        return cases.stream().flatMap(c -> c.operands().stream()).anyMatch(wanted);
    }
}
