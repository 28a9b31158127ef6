package io.github.dropfuse.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.bench.endtoend.Contender;
import io.github.dropfuse.bench.endtoend.Series;
import io.github.dropfuse.bench.endtoend.Setting.Memory;
import io.github.dropfuse.bench.endtoend.Setting.Route;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The samples of a run.
 *
 * @param environment facts by name
 * @param series of all contenders in all processes
 */
record EndToEndResults(Map<String, String> environment, List<Series> series) {
    static EndToEndResults read(Path file) throws IOException {
        return JSON.std.beanFrom(EndToEndResults.class, file.toFile());
    }

    int mostThreads() {
        return series.stream().mapToInt(Series::threads).max().orElse(1);
    }

    Optional<Series> find(
            Route route, Memory memory, int threads, String task, Contender contender) {
        return series.stream()
                .filter(
                        one ->
                                one.route().equals(route.name())
                                        && one.memory().equals(memory.name())
                                        && one.threads() == threads
                                        && one.task().equals(task)
                                        && one.contender() == contender)
                .findFirst();
    }

    /** A series of the same process and task. */
    Optional<Series> beside(Series of, Contender contender) {
        return find(
                Route.valueOf(of.route()),
                Memory.valueOf(of.memory()),
                of.threads(),
                of.task(),
                contender);
    }

    /** One series' times over another's, round by round. */
    static double[] ratios(double[] times, double[] others) {
        double[] ratios = new double[times.length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = times[round] / others[round];
        }
        return ratios;
    }
}
