package io.github.dropfuse.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.DType;
import io.github.dropfuse.cli.Cli;
import io.github.dropfuse.cli.common.Figure;
import io.github.dropfuse.cli.common.PairedTiming.State;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchCommandTest {
    /** One sample of DropPath, and some elements more. */
    private static final int ELEMENTS = 197 * 768 + 10;

    private static final Map<String, Integer> RUNS =
            Map.ofEntries(
                    Map.entry("droppath", 197 * 768),
                    Map.entry("droppathadd", 197 * 768),
                    Map.entry("droppathadd-gamma", 197 * 768),
                    Map.entry("gamma-gradient", 197 * 768),
                    Map.entry("scatter-add", 197 * 768),
                    Map.entry("gather", 197 * 768),
                    Map.entry("tokendrop", 197 * 768),
                    Map.entry("dropoutadd", 768),
                    Map.entry("bias-gradient", 768),
                    Map.entry("channels-first", 1 << 14),
                    Map.entry("channels-last", 1 << 14),
                    Map.entry("noise-shape", 1 << 14),
                    Map.entry("dropblock", 1 << 14));

    private static final String KEPT =
            "\\d+ of \\d+(, not to be trusted: (too few|two heaps|unsure))?";

    private static final List<String> FIGURES =
            List.of(
                    "nsPerElement", "cpuNsPerElement", "ratioToMemcpy", "spread", "samples",
                    "trusted", "doubt");

    private final StringWriter out = new StringWriter();

    private int bench(String... options) {
        BenchCommand small =
                new BenchCommand(
                        backends ->
                                List.of(
                                        new BenchGroup(
                                                DType.BFLOAT16, ELEMENTS, 2, false,
                                                BenchKernel.all(), backends, 1)));
        return new CommandLine(small).setOut(new PrintWriter(out)).execute(options);
    }

    @Test
    void jsonHasARowForEachKernelOnEachBackend() throws IOException {
        assertEquals(0, bench("--json", "--seconds", "0.01"));
        Set<List<Object>> seen = new HashSet<>();
        for (Object element : JSON.std.listFrom(out.toString())) {
            Map<?, ?> row = (Map<?, ?>) element;
            assertEquals("bfloat16", row.get("dtype"));
            int run = RUNS.getOrDefault(row.get("kernel"), 1);
            assertEquals(ELEMENTS / run * run, row.get("elements"), row::toString);
            assertEquals(2, row.get("threads"));
            assertEquals("warm", row.get("buffers"));
            int samples = 0;
            for (Object figures : ((Map<?, ?>) row.get("states")).values()) {
                Map<?, ?> ofState = (Map<?, ?>) figures;
                samples += (Integer) ofState.get("samples");
                for (String field : List.of("nsPerElement", "cpuNsPerElement", "ratioToMemcpy")) {
                    assertTrue((Double) ofState.get(field) > 0, row::toString);
                }
                assertTrue(
                        (Double) ofState.get("leastNsPerElement")
                                <= (Double) ofState.get("nsPerElement"));
                assertTrue((Double) ofState.get("spread") >= 0, row::toString);
                assertEquals("".equals(ofState.get("doubt")), ofState.get("trusted"));
            }
            assertTrue(FIGURES.stream().allMatch(row::containsKey), row::toString);
            Object usual = ((Map<?, ?>) row.get("states")).get(row.get("state"));
            if (usual != null) {
                FIGURES.forEach(
                        field -> assertEquals(((Map<?, ?>) usual).get(field), row.get(field)));
            }
            assertTrue(((Number) row.get("limit")).doubleValue() <= 1.5, row::toString);
            int discarded = (Integer) row.get("preempted") + (Integer) row.get("changed");
            assertTrue(samples + discarded >= 3, row::toString);
            List<Object> key =
                    List.of(
                            row.get("kernel"), row.get("backend"), row.get("tier"),
                            row.get("inPlace"));
            assertTrue(seen.add(key), row::toString);
        }
        Set<List<Object>> expected = new HashSet<>();
        expected.add(List.of("memcpy", "memcpy", "java", false));
        for (Backend backend : Backends.all()) {
            for (BenchKernel kernel : BenchKernel.all()) {
                for (boolean inPlace : kernel.places(ELEMENTS)) {
                    expected.add(
                            List.of(kernel.toString(), backend.name(), backend.tier(), inPlace));
                }
            }
        }
        assertEquals(expected, seen);
    }

    @Test
    void withoutJsonThereIsALineForEachRow() {
        assertEquals(0, bench("--seconds", "0.01", "--backend", "reference"));
        List<String> lines = out.toString().lines().toList();
        assertEquals(BenchRow.HEADER, lines.getFirst());
        assertEquals(
                Set.of("droppathadd in place", "droppathadd-gamma in place", "scatter-add in place"),
                lines.stream()
                        .map(line -> line.substring(30, 56).strip())
                        .filter(kernel -> kernel.contains("add") && !kernel.startsWith("dropoutadd"))
                        .collect(Collectors.toSet()));
        int last = BenchRow.HEADER.indexOf("kept of all");
        assertTrue(
                lines.stream().skip(1).allMatch(line -> line.substring(last).matches(KEPT)),
                out::toString);
    }

    /** Calls go round in tensors that are all of the ring's. */
    @Test
    void coldTensorsHaveRowsOfTheirOwn() throws IOException {
        BenchCommand cold =
                new BenchCommand(
                        backends ->
                                List.of(
                                        new BenchGroup(
                                                DType.FLOAT32, 1 << 22, 1, true,
                                                List.of(BenchKernel.named("forward")), backends,
                                                1)));
        CommandLine line = new CommandLine(cold).setOut(new PrintWriter(out));
        assertEquals(0, line.execute("--json", "--seconds", "0.01", "--backend", "java"));
        List<Object> rows = JSON.std.listFrom(out.toString());
        assertEquals(2, rows.size());
        for (Object row : rows) {
            assertEquals("cold", ((Map<?, ?>) row).get("buffers"));
            assertEquals(false, ((Map<?, ?>) row).get("inPlace"));
        }
    }

    @Test
    void theStateIsThatOfNineInTen() {
        assertEquals("fast", times(9, 1).state());
        assertEquals("mixed", times(8, 1).state());
        assertEquals("mixed", times(1, 8).state());
        assertEquals("slow", times(1, 9).state());
        assertEquals("slow", times(0, 1).state());
        assertEquals("unknown", times(0, 0).state());
        assertEquals(State.SLOW, times(1, 8).usualState());
        assertEquals(14, times(1, 8).all());
    }

    @Test
    void aRowOfWhichNothingWasKeptHasAllFields() throws IOException {
        BenchRow row =
                new BenchRow(
                        BenchKernel.COPY, "native", "scalar", DType.FLOAT32, 64, 1, false, false,
                        times(0, 0));
        Map<?, ?> fields = (Map<?, ?>) JSON.std.listFrom(BenchCommand.json(List.of(row))).get(0);
        assertTrue(FIGURES.stream().allMatch(fields::containsKey), fields::toString);
        assertNull(fields.get("nsPerElement"));
        assertEquals("unknown", fields.get("state"));
        assertEquals(false, fields.get("trusted"));
        assertEquals(2, fields.get("preempted"));
        assertEquals(3, fields.get("changed"));
        assertTrue(row.lines().endsWith("0 of 5, not to be trusted: too few"), row.lines());
    }

    private static BenchTimes times(int fast, int slow) {
        Map<State, BenchTimes.OfState> of = new EnumMap<>(State.class);
        Map.of(State.FAST, fast, State.SLOW, slow)
                .forEach(
                        (state, n) -> {
                            Figure figure = Figure.of(new double[n]);
                            if (n > 0) {
                                of.put(state, new BenchTimes.OfState(figure, figure, figure));
                            }
                        });
        return new BenchTimes(of, 2, 3);
    }

    @Test
    void thePlanReachesFromTheFirstCacheToMemory() {
        List<BenchGroup> plan = BenchPlan.of(Backends.all(), 2);
        for (long size : new long[] {1 << 12, 1 << 14, 1 << 20, 1 << 26}) {
            for (int threads : new int[] {1, 2}) {
                assertTrue(
                        plan.stream()
                                .anyMatch(
                                        group ->
                                                group.dtype() == DType.FLOAT32
                                                        && group.elements() == size
                                                        && group.threads() == threads));
            }
        }
        for (DType dtype : DType.values()) {
            assertTrue(plan.stream().anyMatch(group -> group.dtype() == dtype));
        }
        boolean isNative = Backends.all().getFirst().name().equals("native");
        assertEquals(isNative, plan.stream().anyMatch(BenchGroup::cold));
        for (BenchKernel kernel : BenchKernel.all()) {
            for (long size : new long[] {1 << 20, 1 << 26}) {
                assertTrue(
                        plan.stream()
                                .anyMatch(
                                        group ->
                                                group.elements() == size
                                                        && group.kernels().contains(kernel)),
                        kernel + " " + size);
            }
        }
        assertTrue(BenchPlan.of(Backends.all(), 1).stream().allMatch(g -> g.threads() == 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "NaN"})
    void aTimeThatIsNoneIsRefused(String seconds) {
        Cli cli = Cli.run("bench", "--seconds", seconds);
        assertEquals(2, cli.code());
        assertTrue(cli.err().contains("seconds is "), cli.err());
        assertTrue(cli.err().contains("allowed are numbers above 0"), cli.err());
        assertEquals("", cli.out());
    }
}
