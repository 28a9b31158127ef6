package io.github.dropfuse.cli.verify;

import io.github.dropfuse.layer.Backend;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** How many calls of each layer were compared, and what a backend has no kernel for. */
final class VerifySummary {
    private final List<Backend> backends;
    private final Map<VerifyLayer, Long> calls = new EnumMap<>(VerifyLayer.class);
    private final Map<Backend, Map<VerifyLayer, Long>> absent = new LinkedHashMap<>();

    VerifySummary(List<Backend> backends) {
        this.backends = backends;
    }

    void count(VerifyLayer layer) {
        calls.merge(layer, 1L, Long::sum);
    }

    void countAbsent(Backend backend, VerifyLayer layer) {
        absent.computeIfAbsent(backend, key -> new EnumMap<>(VerifyLayer.class))
                .merge(layer, 1L, Long::sum);
    }

    /** A line for each layer, and one for each backend. */
    void print(PrintWriter out) {
        int width =
                calls.keySet().stream()
                        .map(layer -> layer.toString().length())
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        out.printf("%-" + width + "s %10s%n", "layer", "calls");
        calls.forEach((layer, count) -> out.printf("%-" + width + "s %10d%n", layer, count));
        long total = sum(calls);
        for (Backend backend : backends) {
            Map<VerifyLayer, Long> missing = absent.getOrDefault(backend, Map.of());
            long layers = calls.keySet().stream().filter(layer -> !lacks(missing, layer)).count();
            out.println(
                    "equal: " + backend + ", " + (total - sum(missing)) + " calls of " + layers
                            + " layers");
            if (!missing.isEmpty()) {
                out.println("not there: " + backend + " has no kernel for " + describe(missing));
            }
        }
    }

    private boolean lacks(Map<VerifyLayer, Long> missing, VerifyLayer layer) {
        return Objects.equals(missing.get(layer), calls.get(layer));
    }

    private String describe(Map<VerifyLayer, Long> missing) {
        return missing.entrySet().stream()
                .map(
                        entry ->
                                entry.getKey() + " (" + entry.getValue() + " of "
                                        + calls.get(entry.getKey()) + " calls)")
                .collect(Collectors.joining(", "));
    }

    private static long sum(Map<VerifyLayer, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
