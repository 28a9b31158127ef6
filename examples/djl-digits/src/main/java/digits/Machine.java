package digits;

import ai.djl.engine.Engine;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What results depend on, or their times do. */
final class Machine {
    private Machine() {}

    static Map<String, String> facts(Mode mode) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("repeat with", command(mode));
        facts.put(
                "begun",
                ZonedDateTime.now(ZoneOffset.UTC)
                        .format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT)));
        facts.put("processor", processor());
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put(
                "load before",
                String.format(
                        Locale.ROOT,
                        "%.1f",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("java", System.getProperty("java.vm.version"));
        facts.put("DJL", Engine.getDjlVersion());
        facts.put("libtorch", Engine.getInstance().getVersion() + ", one thread");
        facts.put(
                "Dropfuse",
                Backends.class.getPackage().getImplementationVersion()
                        + ", "
                        + Backends.automatic());
        return facts;
    }

    private static String command(Mode mode) {
        return "mvn -q -f examples/pom.xml -pl djl-digits -am verify"
                + (mode == Mode.QUICK
                        ? ""
                        : " -Ddigits.mode=" + mode.text() + " -Ddigits.directory=report");
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
