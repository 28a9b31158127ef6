package io.github.dropfuse.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.dropfuse.bench.Places;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetsTest {
    /** The report is to say what binds. A run that nobody has looked into yet has no bounds at all. */
    @Test
    void whereBoundsAreGivenEachMissedAimHasOne() throws IOException {
        List<Machine> machines = Machine.all(Places.project().resolve("results"));
        assertFalse(machines.isEmpty());
        for (Machine machine : machines) {
            Results results = machine.results();
            if (results.bounds().isEmpty()) {
                continue;
            }
            List<Targets.Target> missed =
                    Targets.of(results).stream().filter(aim -> !aim.reached()).toList();
            assertEquals(
                    List.of(),
                    missed.stream()
                            .filter(aim -> results.bound(aim.what()).isEmpty())
                            .map(aim -> aim.what() + ": " + Targets.number(aim.measured()))
                            .toList(),
                    machine.name());
            assertEquals(
                    List.of(),
                    results.bounds().keySet().stream()
                            .filter(key -> missed.stream().noneMatch(aim -> aim.what().startsWith(key)))
                            .toList(),
                    "bounds of no aim that was missed, on " + machine.name());
        }
    }

    @Test
    void aTierIsHeldToItsOwnAims() {
        assertEquals(
                List.of(
                        "Dropout forward, out of place, 64 Mi, times memcpy ≤ 1.10",
                        "Dropout forward, out of place, 1 Mi, times memcpy ≤ 1.25",
                        "Dropout forward, out of place, 16 Ki, times memcpy ≤ 2.20"),
                aims("avx512"));
        assertEquals(
                List.of(
                        "AVX2: Dropout forward, out of place, 64 Mi, times memcpy ≤ 1.50",
                        "AVX2: Dropout forward, out of place, 1 Mi, times memcpy ≤ 2.00",
                        "AVX2: Dropout forward, out of place, 16 Ki, times memcpy ≤ 3.50"),
                aims("avx2"));
    }

    @Test
    void aBoundBelongsToTheAimsThatBeginWithItsName() {
        Results results =
                new Results(
                        List.of(forward("avx2", 1 << 20), forward("avx2", 1 << 26)),
                        List.of(),
                        Map.of(),
                        Map.of("AVX2: Dropout forward, out of place, 1 Mi", "multiplications"));
        assertEquals(
                List.of("", "multiplications"),
                Targets.of(results).stream()
                        .map(aim -> results.bound(aim.what()))
                        .toList());
    }

    private static List<String> aims(String tier) {
        Results results =
                new Results(
                        List.of(forward(tier, 1 << 14), forward(tier, 1 << 20),
                                forward(tier, 1 << 26)),
                        List.of(),
                        Map.of(),
                        Map.of());
        return Targets.of(results).stream()
                .map(aim -> aim.what() + " ≤ " + Targets.number(aim.aim()))
                .toList();
    }

    private static Row forward(String tier, long elements) {
        return new Row(
                Contenders.DROPFUSE, "forward", "native", tier, "float32", 0.1, elements, "1",
                false, 1, 1, 1, 9, 9, 9, "fast", 5, 5, Row.COPY, 0);
    }
}
