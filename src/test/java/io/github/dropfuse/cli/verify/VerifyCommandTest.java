package io.github.dropfuse.cli.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dropfuse.DType;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.cli.common.Bits;
import io.github.dropfuse.cli.common.Box;
import io.github.dropfuse.cli.common.Staging;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.FaultyBackend;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
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
                new CommandLine(new VerifyCommand(() -> List.of(Staging.on(backend))))
                        .setOut(new PrintWriter(out, true))
                        .execute(options);
        return new Cli(code, out.toString(), "");
    }

    @Test
    void everyBackendEqualsTheReference() {
        Cli cli = Cli.line("verify --seconds 2 --seed 1");
        List<Staging> backends = Staging.all();
        String names = backends.stream().map(Staging::toString).collect(Collectors.joining(", "));
        assertEquals("", cli.err());
        assertEquals(0, cli.code(), cli.out());
        List<String> lines = cli.out().lines().toList();
        assertEquals("seed=1: " + names + " against the reference", lines.getFirst());
        for (int i = 0; i < Subject.ALL.size(); i++) {
            assertTrue(lines.get(2 + i).matches(Subject.ALL.get(i) + " +[1-9]\\d*"), cli.out());
        }
        for (Staging backend : backends) {
            String equal =
                    "equal: " + backend + ", \\d+ calls, \\d+ decisions, \\d+ elements";
            String modes =
                    backend.execution().backend().name().equals("native")
                            ? FloatingPointMode.unavailable()
                                    .map(why -> "; floating-point modes not tried, " + why)
                                    .orElse("")
                            : "";
            assertTrue(lines.stream().anyMatch(line -> line.matches(equal + modes)), cli.out());
        }
    }

    /** Each primitive that a layer uses is compared when the layer is verified. */
    @ParameterizedTest
    @CsvSource({
        "mask, MASK",
        "dropout, DROP",
        "noise-shape, DROP",
        "dropout1d, DROP",
        "dropout2d, DROP",
        "dropout3d, DROP",
        "droppath, DROP",
        "dropconnect, DROP",
        "alphadropout, DROP",
        "featurealphadropout, DROP",
        "gaussiandropout, MULTIPLIED_NOISE",
        "gaussiannoise, ADDED_NOISE",
        "dropoutadd, BRANCH",
        "dropoutadd, BIASED_BRANCH",
        "dropoutadd, DROP",
        "bias-gradient, SUM_ROWS",
        "bias-gradient, SUM_TREE",
        "droppathadd, BRANCH",
        "droppathadd, SCALED_BRANCH",
        "droppathadd, DROP",
        "zoneout, ZONEOUT",
        "zoneout, BLEND",
        "gamma-gradient, SUM_ROWS",
        "gamma-gradient, SUM_TREE",
        "keptsamples, MASK",
        "keptsamples, ROWS",
        "tokendrop, ROWS",
        "dropblock2d, MASK",
        "dropblock2d, BLOCKS",
        "dropblock2d, DROP",
        "dropblock3d, MASK",
        "dropblock3d, BLOCKS",
        "dropblock3d, DROP",
        "pytorch-rand, MERSENNE_MASK",
        "pytorch-rand, PRODUCT",
        "pytorch-rand, PRODUCT_REPEATED",
        "pytorch-dropout, MERSENNE_MASK",
        "pytorch-dropout, PRODUCT",
        "pytorch-dropout, PRODUCT_REPEATED"
    })
    void faultsAreFoundInEachLayer(String layer, FaultyBackend fault) {
        Cli cli =
                verify(fault.backend(), "--seed", "7", "--seconds", "60", "--layer", layer);
        assertEquals(1, cli.code(), cli.out());
        assertTrue(cli.out().contains("difference: faulty/java "), cli.out());
        assertTrue(cli.out().contains(", " + layer + ": "), cli.out());
    }

    @Test
    void everyLayerHasAFault() throws NoSuchMethodException {
        CsvSource pairs =
                VerifyCommandTest.class
                        .getDeclaredMethod(
                                "faultsAreFoundInEachLayer", String.class, FaultyBackend.class)
                        .getAnnotation(CsvSource.class);
        assertEquals(
                Subject.ALL.stream().map(Subject::name).collect(Collectors.toSet()),
                Arrays.stream(pairs.value())
                        .map(pair -> pair.split(", ")[0])
                        .collect(Collectors.toSet()));
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
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LONG_MASK")
    void aFaultIsFoundAndCanBeRepeated(FaultyBackend fault) {
        Backend faulty = fault.backend();
        assertIsRepeated(faulty, verify(faulty, "--seed", "7", "--seconds", "60"), "");
    }

    @Test
    void aFaultOfLongMasksIsFoundByDeepCasesOnly() {
        Backend faulty = FaultyBackend.LONG_MASK.backend();
        Cli passed = verify(faulty, "--seed", "7", "--seconds", "1", "--layer", "mask");
        assertEquals(0, passed.code(), passed.out());
        Cli found = verify(faulty, "--deep", "--seed", "7", "--seconds", "60", "--layer", "mask");
        assertIsRepeated(faulty, found, "--deep ");
    }

    private static void assertIsRepeated(Backend faulty, Cli found, String options) {
        assertEquals(1, found.code(), found.out());
        List<String> lines = found.out().lines().toList();
        assertEquals(3, lines.size(), found.out());
        assertTrue(lines.get(1).startsWith("difference: faulty/java "), found.out());
        String repeat = "repeat with: dropfuse verify ";
        assertTrue(
                lines.get(2).startsWith(repeat + options + "--seed 7 --case "), found.out());
        Cli again = verify(faulty, lines.get(2).substring(repeat.length()).split(" "));
        assertEquals(1, again.code(), again.out());
        String difference = lines.get(1).substring(0, lines.get(1).indexOf("; case "));
        assertEquals(difference, again.out().lines().toList().getLast());
        Cli healthy = verify(Backends.reference(), lines.get(2).substring(repeat.length()).split(" "));
        assertEquals(0, healthy.code(), healthy.out());
        String calls = options.isEmpty() ? "1" : "0"; // It is not compared with itself in long masks.
        assertTrue(healthy.out().contains("equal: reference/java, " + calls + " calls, "));
    }

    /** Those of masks are their units, once for each backend but the reference. */
    @Test
    void decisionsAreCounted() {
        String[] line = {"--seed", "7", "--seconds", "0", "--layer", "mask"};
        Backend other = FaultyBackend.DROP.backend();
        long units = ((MaskCall) VerifyCase.random(7, 0, false).call()).units();
        List<String> lines = verify(other, line).out().lines().toList();
        assertEquals(
                "equal: faulty/java, 1 calls, " + units + " decisions, 0 elements",
                lines.get(lines.size() - 2));
        assertEquals("decisions compared with the reference's: " + units, lines.getLast());
        String itself = verify(Backends.reference(), line).out();
        assertTrue(itself.endsWith("decisions compared with the reference's: 0\n"), itself);
    }

    @Test
    void elementsAreCounted() {
        int dropout = 1;
        VerifyCase task = VerifyCase.random(7, dropout, false);
        long elements = task.slots().getLast().byteSize() / task.slots().getLast().width();
        String out =
                verify(FaultyBackend.MASK.backend(), "--seed", "7", "--case", "" + dropout).out();
        assertTrue(out.contains(" 1 calls, 0 decisions, " + elements + " elements\n"), out);
    }

    @Test
    void deepCasesOfAllLayersAreEqual() {
        Cli cli = Cli.line("verify --deep --seconds 0 --seed 1");
        assertEquals("", cli.err());
        assertEquals(0, cli.code(), cli.out());
        assertEquals(
                Staging.all().size(),
                cli.out().lines().filter(line -> line.startsWith("equal: ")).count());
    }

    @Test
    void deepCasesCoverWhatTheyPromise() {
        List<VerifyCase> cases =
                LongStream.range(0, 100L * Subject.ALL.size())
                        .mapToObj(n -> VerifyCase.random(3, n, true))
                        .toList();
        assertTrue(
                cases.stream()
                        .filter(c -> c.call() instanceof MaskCall)
                        .allMatch(c -> ((MaskCall) c.call()).units() >= 1 << 23));
        for (Memory.Kind kind : Memory.Kind.values()) {
            assertTrue(
                    cases.stream()
                            .anyMatch(c -> c.places().stream().anyMatch(p -> p.kind() == kind)));
        }
        assertTrue(
                cases.stream()
                        .allMatch(
                                c ->
                                        c.modes().isEmpty()
                                                || c.modes().size()
                                                        == FloatingPointMode.values().length));
        assertTrue(cases.stream().anyMatch(c -> !c.modes().isEmpty()));
        for (int bits : new int[] {31, 32, 33, 53, 62}) {
            assertTrue(
                    anyDecisions(cases, decisions -> passes(decisions.whole(), 1L << bits)),
                    "2^" + bits);
        }
    }

    /** Whether a box of a tensor of two dimensions or more has an index on either side. */
    private static boolean passes(Box box, long index) {
        if (box == null || box.shape().length < 2) {
            return false;
        }
        long entry = Arrays.stream(box.shape()).skip(1).reduce(1, (a, b) -> a * b);
        return box.from()[0] * entry < index && index <= (box.from()[0] + 50) * entry;
    }

    @Test
    void aFaultIsNamed() {
        assertFault(FaultyBackend.INPUT_CHANGED, "changes its input d?[xy]; case \\d+, ");
        assertFault(FaultyBackend.OUTSIDE, "writes outside of d?[xy]; case \\d+, ");
        assertFault(
                FaultyBackend.DROP,
                "gives 0x\\p{XDigit}+ at element \\d+ of d?[xy], the reference 0x\\p{XDigit}+; case ");
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
                LongStream.range(0, 100L * Subject.ALL.size())
                        .mapToObj(n -> VerifyCase.random(3, n, false))
                        .toList();
        for (Subject subject : Subject.ALL) {
            List<VerifyCase> own = cases.stream().filter(c -> c.subject() == subject).toList();
            assertEquals(100, own.size());
            for (DType dtype : subject.name().equals("mask") ? new DType[0] : DType.values()) {
                assertTrue(
                        own.stream().anyMatch(c -> c.slots().getFirst().dtype() == dtype),
                        subject + " " + dtype);
            }
        }
        assertTrue(anySlot(cases, slot -> slot.name().equals("mask")));
        assertTrue(anySlot(cases, slot -> "x".equals(slot.replaces())));
        assertTrue(anySlot(cases, slot -> "residual".equals(slot.replaces())));
        assertTrue(anySlot(cases, slot -> slot.byteSize() == 0));
        assertTrue(anySlot(cases, slot -> slot.dtype() != null && slot.byteSize() > 1 << 20));
        assertTrue(
                cases.stream()
                        .map(VerifyCase::places)
                        .anyMatch(
                                places ->
                                        places.getFirst().kind() == Memory.Kind.HEAP
                                                && places.getLast().kind() == Memory.Kind.NATIVE));
        assertTrue(anyPart(cases, (part, shape) -> part.shape()[0] != shape[0]));
        assertTrue(
                anyPart(
                        cases,
                        (part, shape) ->
                                shape.length > 2 && part.shape()[0] != shape[0]
                                        && part.shape()[2] != shape[2]));
        assertTrue(anyDecisions(cases, decisions -> decisions.start() < 0));
        assertTrue(
                anyDecisions(
                        cases,
                        decisions ->
                                decisions.whole() != null
                                        && Arrays.stream(decisions.whole().from()).max().orElse(0)
                                                > 1L << 40));
        for (FloatingPointMode mode : FloatingPointMode.values()) {
            assertTrue(cases.stream().anyMatch(c -> c.modes().equals(List.of(mode))), mode.toString());
        }
        assertEquals(cases.get(5).toString(), VerifyCase.random(3, 5, false).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "bias-gradient, scaling=AT_INFERENCE",
        "bias-gradient, scaling=NONE",
        "gamma-gradient, mode=BATCH",
        "gamma-gradient, scaling=NONE",
        "keptsamples, stored mask",
        "dropout, box from",
        "dropout, by its mask",
        "pytorch-rand, units=element",
        "pytorch-rand, channels=FIRST",
        "pytorch-rand, channels=LAST",
        "pytorch-rand, noise shape",
        "pytorch-rand, mode=ROW",
        "pytorch-rand, mode=BATCH",
        "pytorch-dropout, channels=LAST",
        "pytorch-dropout, mode=BATCH"
    })
    void formsAreAmongTheCases(String layer, String form) {
        int index = Subject.ALL.stream().map(Subject::name).toList().indexOf(layer);
        assertTrue(
                LongStream.range(0, 100)
                        .mapToObj(n -> VerifyCase.random(3, index + n * Subject.ALL.size(), false))
                        .anyMatch(c -> c.call().toString().contains(form)));
    }

    /** Divisions that Java makes in a mode differ: what verify relies on is there. */
    @Test
    void modesChangeWhatJavaComputes() {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch")),
                "how to set a mode is known for Linux on x86-64 and aarch64");
        assertEquals(Optional.empty(), FloatingPointMode.unavailable());
        double[] third = new double[1];
        double[] divisor = {3};
        FloatingPointMode.UPWARD.run(() -> third[0] = 1 / divisor[0]);
        assertEquals(Math.nextUp(1 / divisor[0]), third[0]);
        FloatingPointMode.DOWNWARD.run(() -> third[0] = 1 / divisor[0]);
        assertEquals(1 / divisor[0], third[0]);
        double[] tiny = {Double.MIN_NORMAL};
        FloatingPointMode.FLUSH_TO_ZERO.run(() -> third[0] = tiny[0] / divisor[0]);
        assertEquals(0, third[0]);
        FloatingPointMode.DENORMALS_ARE_ZERO.run(
                () -> third[0] = Double.MIN_VALUE * (divisor[0] * 0x1p100));
        assertEquals(0, third[0]);
        assertNotEquals(0, tiny[0] / divisor[0]);
    }

    private static boolean anySlot(List<VerifyCase> cases, Predicate<Slot> wanted) {
        return cases.stream().flatMap(c -> c.slots().stream()).anyMatch(wanted);
    }

    private static boolean anyPart(List<VerifyCase> cases, BiPredicate<Box, long[]> wanted) {
        return cases.stream()
                .anyMatch(
                        c ->
                                c.parts().stream()
                                        .anyMatch(part -> wanted.test(part, c.call().shape())));
    }

    private static boolean anyDecisions(List<VerifyCase> cases, Predicate<Decisions> wanted) {
        return cases.stream()
                .filter(c -> c.call() instanceof LayerCall)
                .anyMatch(c -> wanted.test(((LayerCall) c.call()).decisions()));
    }
}
