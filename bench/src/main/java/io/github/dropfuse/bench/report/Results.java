package io.github.dropfuse.bench.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.github.dropfuse.bench.run.RunCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The JSON files of a run.
 *
 * @param rows every measurement
 * @param kept what is kept for the backward pass
 * @param environment facts by name
 */
record Results(List<Row> rows, JsonArray kept, Map<String, String> environment) {
    private static final String PACKAGE = "io.github.dropfuse.bench.jmh.";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** What is written of the limits that are timed beside the benchmarks, by their counters. */
    private static final Map<String, String> LIMITS =
            Map.of("memcpy", Row.COPY, "add", Row.SUM, "addInPlace", Row.SUM_IN_PLACE);

    static Results read(Path directory) throws IOException {
        List<Row> rows = new ArrayList<>(jmh(array(directory, RunCommand.JMH)));
        for (JsonElement row : array(directory, RunCommand.OTHER_LANGUAGES)) {
            rows.add(otherLanguage(row.getAsJsonObject()));
        }
        Map<String, String> environment = new LinkedHashMap<>();
        JsonParser.parseString(Files.readString(directory.resolve(RunCommand.ENVIRONMENT)))
                .getAsJsonObject()
                .entrySet()
                .forEach(fact -> environment.put(fact.getKey(), fact.getValue().getAsString()));
        return new Results(rows, array(directory, RunCommand.KEPT), environment);
    }

    List<Row> where(Predicate<Row> condition) {
        return rows.stream().filter(condition).toList();
    }

    private static JsonArray array(Path directory, String file) throws IOException {
        return JsonParser.parseString(Files.readString(directory.resolve(file))).getAsJsonArray();
    }

    /** Rounds and forks of the same benchmark with the same parameters are pooled. */
    private static List<Row> jmh(JsonArray results) {
        Map<String, List<JsonObject>> pools = new LinkedHashMap<>();
        for (JsonElement element : results) {
            JsonObject result = element.getAsJsonObject();
            String key = result.get("benchmark").getAsString() + result.get("params");
            pools.computeIfAbsent(key, k -> new ArrayList<>()).add(result);
        }
        return pools.values().stream().map(Results::row).toList();
    }

    private static Row row(List<JsonObject> pool) {
        JsonObject first = pool.getFirst();
        String name = first.get("benchmark").getAsString().substring(PACKAGE.length());
        String type = name.substring(0, name.indexOf('.'));
        String method = name.substring(name.indexOf('.') + 1);
        JsonObject params = first.getAsJsonObject("params");
        double[] nanos = pooled(pool, null);
        String limit =
                LIMITS.keySet().stream()
                        .filter(first.getAsJsonObject("secondaryMetrics")::has)
                        .findFirst()
                        .orElse("memcpy");
        double[] limits = pooled(pool, limit);
        double[] ratios = new double[limits.length];
        for (int i = 0; i < limits.length; i++) {
            ratios[i] = nanos[i] / limits[i];
        }
        double[] allocated = pooled(pool, ALLOCATED);
        String[] backend = text(params, "backend", "/").split("/");
        boolean inPlace = method.endsWith("InPlace");
        return new Row(
                contender(type, method),
                inPlace ? method.substring(0, method.length() - "InPlace".length()) : kernel(method),
                backend.length > 0 ? backend[0] : "",
                backend.length > 1 ? backend[1] : "",
                text(params, "dtype", "float32"),
                Double.parseDouble(text(params, "p", "0.1")),
                Long.parseLong(text(params, "elements", "1")),
                text(params, "threads", "1"),
                inPlace,
                Statistics.median(nanos),
                Statistics.quantile(0.25, nanos),
                Statistics.quantile(0.75, nanos),
                ratios.length == 0 ? Double.NaN : Statistics.median(ratios),
                LIMITS.get(limit),
                allocated.length == 0 ? Double.NaN : Statistics.median(allocated));
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

    private static String kernel(String method) {
        return switch (method) {
            case "segmentCopy", "cMemcpy" -> "memcpy";
            case "loop", "twoPass" -> "forward";
            default -> method;
        };
    }

    private static double[] pooled(List<JsonObject> pool, String secondary) {
        return pool.stream()
                .map(
                        result ->
                                secondary == null
                                        ? result.getAsJsonObject("primaryMetric")
                                        : result.getAsJsonObject("secondaryMetrics")
                                                .getAsJsonObject(secondary))
                .filter(metric -> metric != null)
                .flatMap(metric -> stream(metric.getAsJsonArray("rawData")))
                .flatMap(fork -> stream(fork.getAsJsonArray()))
                .mapToDouble(JsonElement::getAsDouble)
                .toArray();
    }

    private static Stream<JsonElement> stream(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String text(JsonObject object, String name, String otherwise) {
        JsonElement value = object.get(name);
        return value == null ? otherwise : ((JsonPrimitive) value).getAsString();
    }

    private static Row otherLanguage(JsonObject row) {
        long elements = row.get("elements").getAsLong();
        double nanos = row.get("nsPerElement").getAsDouble() * elements;
        return new Row(
                text(row, "contender", ""),
                text(row, "kernel", ""),
                text(row, "backend", ""),
                text(row, "tier", ""),
                text(row, "dtype", ""),
                row.get("p").getAsDouble(),
                elements,
                text(row, "threads", "1"),
                row.get("inPlace").getAsBoolean(),
                nanos,
                nanos,
                nanos,
                row.get("ratioToMemcpy").getAsDouble(),
                Row.COPY,
                Double.NaN);
    }
}
