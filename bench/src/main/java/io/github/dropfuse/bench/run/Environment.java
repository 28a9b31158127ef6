package io.github.dropfuse.bench.run;

import ai.djl.engine.Engine;
import io.github.dropfuse.bench.Places;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The machine, the moment and the versions that a run's figures belong to. */
final class Environment {
    private Environment() {}

    static Map<String, String> describe(String command) throws InterruptedException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", ZonedDateTime.now(ZoneOffset.UTC).format(
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        facts.put("commit", commit());
        facts.put("command", command);
        facts.put("processor", field("/proc/cpuinfo", "model name"));
        facts.put("processor family", field("/proc/cpuinfo", "cpu family") + ", model "
                + field("/proc/cpuinfo", "model\t"));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("caches", caches());
        facts.put("memory", field("/proc/meminfo", "MemTotal"));
        facts.put("system", System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        facts.put("huge pages", hugePages());
        facts.put("load before", String.format(Locale.ROOT, "%.2f",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("dropfuse", Backends.describe().strip().replace("\n", "; "));
        facts.put("JMH", version("jmh-core"));
        facts.put("PyTorch through DJL", version("pytorch-native-cpu") + ", DJL "
                + Engine.getDjlVersion());
        facts.put("ND4J", version("nd4j-api"));
        facts.put("Deeplearning4j", version("deeplearning4j-nn"));
        return facts;
    }

    /** A name for machines of this kind. */
    static String machine() {
        String words =
                field("/proc/cpuinfo", "model name") + " " + field("/proc/cpuinfo", "cpu family")
                        + " " + field("/proc/cpuinfo", "model\t");
        return words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private static String commit() throws InterruptedException {
        String project = Places.project().toString();
        try {
            String commit =
                    Processes.output(List.of("git", "-C", project, "rev-parse", "HEAD")).strip();
            String changes =
                    Processes.output(
                            List.of("git", "-C", project, "status", "--porcelain", "-uno", "..",
                                    ":!results", ":!report"));
            return commit + (changes.isBlank() ? "" : " with changes");
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private static String field(String file, String name) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String caches() {
        Path caches = Path.of("/sys/devices/system/cpu/cpu0/cache");
        StringBuilder text = new StringBuilder();
        try (Stream<Path> indexes = Files.list(caches)) {
            for (Path index : indexes.filter(i -> Files.exists(i.resolve("size"))).sorted()
                    .toList()) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append('L').append(read(index.resolve("level"))).append(' ')
                        .append(read(index.resolve("type")).toLowerCase(Locale.ROOT))
                        .append(' ').append(read(index.resolve("size")));
            }
        } catch (IOException e) {
            return "unknown";
        }
        return text.toString();
    }

    private static String hugePages() {
        try {
            return read(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"));
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    /** A dependency's version is in its jar's name. */
    private static String version(String artifact) {
        try (Stream<Path> jars = Files.list(Places.target().resolve("lib"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.matches(artifact + "-[0-9].*\\.jar"))
                    .map(name -> name.substring(artifact.length() + 1, name.length() - 4))
                    .min(Comparator.comparing(String::length))
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
