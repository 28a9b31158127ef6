package io.github.dropfuse.cli.verify;

import io.github.dropfuse.layer.Backend;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How many calls of each layer were compared. */
final class VerifySummary {
    private final List<Backend> backends;
    private final Map<VerifyLayer, Long> calls = new EnumMap<>(VerifyLayer.class);

    VerifySummary(List<Backend> backends) {
        this.backends = backends;
    }

    void count(VerifyLayer layer) {
        calls.merge(layer, 1L, Long::sum);
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
        long total = calls.values().stream().mapToLong(Long::longValue).sum();
        for (Backend backend : backends) {
            out.println(
                    "equal: " + backend + ", " + total + " calls of " + calls.size() + " layers");
        }
    }
}
