package io.github.dropfuse.bench.report;

import io.github.dropfuse.bench.report.Figures.Figure;
import io.github.dropfuse.bench.run.RunCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A kind of machine, with its latest run.
 *
 * @param name of its directory
 * @param results what was measured
 * @param figures its plots
 */
record Machine(String name, Results results, List<Figure> figures) {
    /** All that there are in a directory, or the one whose files these are; the latest first. */
    static List<Machine> all(Path directory) throws IOException {
        List<Path> runs;
        try (Stream<Path> files = Files.list(directory)) {
            runs =
                    Stream.concat(Stream.of(directory), files.sorted())
                            .filter(run -> Files.exists(run.resolve(RunCommand.ENVIRONMENT)))
                            .toList();
        }
        List<Machine> read = new ArrayList<>();
        for (Path run : runs) {
            read.add(new Machine(run.getFileName().toString(), Results.read(run), List.of()));
        }
        read.sort(Comparator.comparing(machine -> machine.fact("date"), Comparator.reverseOrder()));
        List<Machine> drawn = new ArrayList<>();
        for (Machine machine : read) {
            String suffix = drawn.isEmpty() ? "" : "-" + machine.name();
            drawn.add(
                    new Machine(
                            machine.name(), machine.results(),
                            Figures.of(machine.results(), suffix)));
        }
        return drawn;
    }

    /** The processor and what of it was used. */
    String words() {
        String tier =
                switch (results.tier()) {
                    case "avx512" -> "AVX-512";
                    case "avx2" -> "AVX2";
                    case "neon" -> "NEON";
                    default -> "no vector instructions of our own";
                };
        return fact("processor") + " with " + tier;
    }

    String fact(String name) {
        return results.environment().getOrDefault(name, "unknown").toString();
    }
}
