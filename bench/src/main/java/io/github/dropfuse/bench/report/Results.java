package io.github.dropfuse.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.bench.run.RunCommand;
import io.github.dropfuse.cli.bench.BenchKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The JSON files of a run.
 *
 * @param rows every measurement
 * @param kept what is kept for the backward pass
 * @param environment facts by name
 * @param bounds what keeps figures from their aims, as people found out, by the first words of the
 *     aims
 */
record Results(
        List<Row> rows,
        List<Map<String, Object>> kept,
        Map<String, Object> environment,
        Map<String, Object> bounds) {
    private static final String PACKAGE = "io.github.dropfuse.bench.jmh.";
    private static final String CORE = "core";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** What is written of the limits that are timed beside the benchmarks, by their counters. */
    private static final Map<String, String> LIMITS =
            Map.of("memcpy", Row.COPY, "add", Row.SUM, "addInPlace", Row.SUM_IN_PLACE);

    static Results read(Path directory) throws IOException {
        List<Row> rows = new ArrayList<>(jmh(array(directory, RunCommand.JMH)));
        for (Map<String, Object> row : array(directory, RunCommand.OTHER_LANGUAGES)) {
            rows.add(otherLanguage(row));
        }
        return new Results(
                rows,
                array(directory, RunCommand.KEPT),
                JSON.std.mapFrom(directory.resolve(RunCommand.ENVIRONMENT).toFile()),
                Files.exists(directory.resolve(RunCommand.BOUNDS))
                        ? JSON.std.mapFrom(directory.resolve(RunCommand.BOUNDS).toFile())
                        : Map.of());
    }

    /** The first one that was measured, which is the best of the machine. */
    String tier() {
        return rows.stream()
                .filter(row -> row.contender().equals(Contenders.DROPFUSE)
                        && row.kernel().equals("forward"))
                .map(Row::tier)
                .findFirst()
                .orElse("");
    }

    /** What keeps a figure from its aim; empty where nobody knows. */
    String bound(String aim) {
        return bounds.entrySet().stream()
                .filter(bound -> aim.startsWith(bound.getKey()))
                .map(bound -> bound.getValue().toString())
                .collect(Collectors.joining(" "));
    }

    List<Row> where(Predicate<Row> condition) {
        return rows.stream().filter(condition).toList();
    }

    private static List<Map<String, Object>> array(Path directory, String file)
            throws IOException {
        return JSON.std.listFrom(directory.resolve(file).toFile()).stream()
                .map(Results::object)
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** Rounds and forks of the same benchmark with the same parameters are pooled. */
    private static List<Row> jmh(List<Map<String, Object>> results) {
        Map<String, List<Map<String, Object>>> pools = new LinkedHashMap<>();
        for (Map<String, Object> result : results) {
            String key = result.get("benchmark") + " " + result.get("params");
            pools.computeIfAbsent(key, k -> new ArrayList<>()).add(result);
        }
        double best =
                Arrays.stream(pooled(results, CORE)).min().orElse(Double.NaN);
        return pools.values().stream().map(pool -> row(pool, best)).toList();
    }

    /**
     * Figures of the state that most iterations had. One that the thread was not on a processor for
     * is shortened by that time.
     */
    private static Row row(List<Map<String, Object>> pool, double bestCore) {
        Map<String, Object> first = pool.getFirst();
        String name = text(first, "benchmark", "").substring(PACKAGE.length());
        String type = name.substring(0, name.indexOf('.'));
        String method = name.substring(name.indexOf('.') + 1);
        Object given = first.get("params");
        Map<String, Object> params = given == null ? Map.of() : object(given);
        double[] nanos = pooled(pool, null);
        double[] onProcessor = pooled(pool, "onProcessor");
        if (onProcessor.length == nanos.length && text(params, "threads", "1").equals("1")) {
            Arrays.setAll(nanos, i -> nanos[i] * Math.min(1, onProcessor[i]));
        }
        String limit =
                LIMITS.keySet().stream()
                        .filter(object(first.get("secondaryMetrics"))::containsKey)
                        .findFirst()
                        .orElse("memcpy");
        double[] limits = pooled(pool, limit);
        double[] ratios = new double[limits.length];
        Arrays.setAll(ratios, i -> nanos[i] / limits[i]);
        Chosen chosen = Chosen.of(pooled(pool, CORE), pooled(pool, "coreChange"), bestCore);
        double[] ours = chosen.of(nanos);
        double[] paired = chosen.of(ratios);
        double[] allocated = pooled(pool, ALLOCATED);
        String[] backend = text(params, "backend", "/").split("/");
        return new Row(
                contender(type, method),
                kernel(text(params, "kernel", method)),
                backend.length > 0 ? backend[0] : "",
                backend.length > 1 ? backend[1] : "",
                text(params, "dtype", "float32"),
                Double.parseDouble(text(params, "p", "0.1")),
                Long.parseLong(text(params, "elements", "1")),
                text(params, "threads", "1"),
                method.endsWith("InPlace") || text(params, "inPlace", "").equals("true"),
                Statistics.median(ours),
                Statistics.quantile(0.25, ours),
                Statistics.quantile(0.75, ours),
                Statistics.median(paired),
                Statistics.quantile(0.25, paired),
                Statistics.quantile(0.75, paired),
                chosen.state(),
                ours.length,
                nanos.length,
                LIMITS.get(limit),
                Statistics.median(allocated));
    }

    private static String contender(String type, String method) {
        return switch (type) {
            case "CopyBenchmark" ->
                    method.equals("cMemcpy") ? Contenders.C_MEMCPY : Contenders.MEMCPY;
            case "PlainJavaBenchmark" ->
                    method.equals("loop") ? Contenders.LOOP : Contenders.TWO_PASS;
            case "AddBenchmark" -> Contenders.C_LOOP;
            case "PyTorchBenchmark", "PyTorchDropPathBenchmark", "PyTorchResidualBenchmark" ->
                    Contenders.PYTORCH_DJL;
            case "Nd4jBenchmark" -> Contenders.ND4J;
            case "SmallCallBenchmark" -> Contenders.SMALL_CALL;
            default -> Contenders.DROPFUSE;
        };
    }

    /** The catalogue's name of what a benchmark's method, or a program in another language, does. */
    private static String kernel(String method) {
        String name = method.replaceFirst("InPlace$", "");
        return switch (name) {
            case "segmentCopy", "cMemcpy" -> "memcpy";
            case "loop", "twoPass" -> "forward";
            default ->
                    BenchKernel.all().stream()
                            .map(BenchKernel::name)
                            .filter(one -> plain(one).equals(plain(name)))
                            .findFirst()
                            .orElse(name);
        };
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replaceFirst("^pytorch", "torch");
    }

    private static double[] pooled(List<Map<String, Object>> pool, String secondary) {
        return pool.stream()
                .map(
                        result ->
                                secondary == null
                                        ? result.get("primaryMetric")
                                        : object(result.get("secondaryMetrics")).get(secondary))
                .filter(metric -> metric != null)
                .flatMap(metric -> ((List<?>) object(metric).get("rawData")).stream())
                .flatMap(fork -> ((List<?>) fork).stream())
                .mapToDouble(value -> ((Number) value).doubleValue())
                .toArray();
    }

    private static String text(Map<String, Object> object, String name, String otherwise) {
        Object value = object.get(name);
        return value == null ? otherwise : value.toString();
    }

    private static double number(Map<String, Object> object, String name) {
        return ((Number) object.get(name)).doubleValue();
    }

    private static Row otherLanguage(Map<String, Object> row) {
        long elements = (long) number(row, "elements");
        double nanos = number(row, "nsPerElement") * elements;
        return new Row(
                text(row, "contender", ""),
                kernel(text(row, "kernel", "")),
                text(row, "backend", ""),
                text(row, "tier", ""),
                text(row, "dtype", ""),
                number(row, "p"),
                elements,
                text(row, "threads", "1"),
                (Boolean) row.get("inPlace"),
                nanos,
                nanos,
                nanos,
                number(row, "ratioToMemcpy"),
                Double.NaN,
                Double.NaN,
                "",
                1,
                1,
                Row.COPY,
                Double.NaN);
    }
}
