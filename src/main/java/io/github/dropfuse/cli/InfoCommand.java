package io.github.dropfuse.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.cli.common.Printable;
import io.github.dropfuse.cli.common.UsageException;
import io.github.dropfuse.cli.common.Version;
import io.github.dropfuse.layer.Backend;
import io.github.dropfuse.layer.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dropfuse info}. */
@Command(
        name = "info",
        description = {
            "Say what is here, which backends there are, and why.",
            "Versions, the machine, the backend that is chosen, and why others are missing."
        })
final class InfoCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Say it as a JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, Object> facts = UsageException.check(InfoCommand::facts);
        if (json) {
            out.println(
                    JSON.std
                            .with(JSON.Feature.PRETTY_PRINT_OUTPUT)
                            .with(JSON.Feature.WRITE_NULL_PROPERTIES)
                            .asString(facts));
            return 0;
        }
        for (String key : new String[] {"version", "jvm", "os"}) {
            out.printf("%-11s%s%n", key + ":", facts.get(key));
        }
        out.printf("cpu:       %s, %s processors%n", facts.get("cpu"), facts.get("processors"));
        out.println(Printable.lines(Backends.describe()));
        return 0;
    }

    private static Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", Version.text());
        facts.put("jvm", properties("java.vm.name", "java.vm.version", "java.vendor"));
        facts.put("os", properties("os.name", "os.version", "os.arch"));
        facts.put("cpu", cpu());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("chosen", Backends.automatic().toString());
        facts.put("available", Backends.all().stream().map(Backend::toString).toList());
        facts.put("leftToReference", Backends.leftToReference());
        facts.put("missing", Backends.missing());
        facts.put("library", Backends.librarySource().orElse(null));
        return facts;
    }

    private static String properties(String... names) {
        return String.join(" ", Stream.of(names).map(System::getProperty).toList());
    }

    /** The processor's name, where Linux tells it. */
    private static String cpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElseGet(() -> System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
