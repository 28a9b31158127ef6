package io.github.dropfuse.bench.run;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.bench.Places;
import io.github.dropfuse.bench.report.ReportCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures everything, keeps the results as JSON, and writes the report. */
@Command(
        name = "run",
        description = "Measures every contender, keeps the JSON and writes the report.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
public final class RunCommand implements Callable<Integer> {
    /** Names of the files of a run. */
    public static final String JMH = "jmh.json";

    public static final String OTHER_LANGUAGES = "other-languages.json";
    public static final String KEPT = "kept.json";
    public static final String ENVIRONMENT = "environment.json";

    /** Written by hand for the figures of a run: what keeps them from their aims. */
    public static final String BOUNDS = "bounds.json";

    @Option(
            names = "--mode",
            description = "smoke, quick (some fifteen minutes) or full (about an hour)",
            converter = ModeConverter.class,
            defaultValue = "quick")
    private Mode mode;

    @Option(
            names = "--rounds",
            description = "How often all is measured; results of all rounds are pooled.",
            defaultValue = "1")
    private int rounds;

    @Option(
            names = "--python",
            description = "The Python that calls the library, and PyTorch where it has it.",
            defaultValue = "python3")
    private String python;

    @Option(
            names = "--results",
            description =
                    "Receives the JSON, in a directory for this kind of machine; bench/results, in"
                            + " smoke mode bench/target/results.")
    private Path results;

    @Option(
            names = "--report",
            description = "Receives the page; bench/report, in smoke mode bench/target/report.")
    private Path report;

    @Override
    public Integer call() throws IOException, InterruptedException, RunnerException {
        Path parent = mode == Mode.SMOKE ? Places.target() : Places.project();
        Path all = results == null ? parent.resolve("results") : results;
        Path directory = all.resolve(Environment.machine());
        Path page = report == null ? parent.resolve("report") : report;
        Files.createDirectories(directory);
        Files.deleteIfExists(directory.resolve(BOUNDS)); // They are of the run before.
        String command =
                "java -jar bench/target/benchmarks.jar run --mode="
                        + mode.name().toLowerCase(Locale.ROOT)
                        + " --rounds=" + rounds;
        write(directory.resolve(ENVIRONMENT), Environment.describe(command));
        write(directory.resolve(KEPT), KeptBytes.measureAll());
        write(
                directory.resolve(OTHER_LANGUAGES),
                OtherLanguages.measure(python, mode.secondsPerSize(), Plan.sizes(mode)));
        measureInJava(directory.resolve(JMH));
        withoutPaths(directory.resolve(JMH));
        if (mode == Mode.SMOKE) {
            EndToEndCommand.run(true, all, page);
        }
        ReportCommand.write(all, page);
        System.out.println("results: " + directory + "\nreport:  " + page);
        return 0;
    }

    /** JMH names the java that it forked; where that lies on this machine is nobody's business. */
    private static void withoutPaths(Path file) throws IOException {
        String home = Path.of(System.getProperty("java.home"), "bin").toString() + "/";
        Files.writeString(file, Files.readString(file).replace(home, ""));
    }

    private void measureInJava(Path file) throws RunnerException {
        List<RunResult> all = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            for (Options group : Plan.of(mode)) {
                all.addAll(new Runner(group).run());
                ResultFormatFactory.getInstance(ResultFormatType.JSON, file.toString())
                        .writeOut(all);
            }
        }
    }

    static void write(Path file, Object value) throws IOException {
        JSON pretty = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);
        Files.writeString(file, pretty.asString(value) + "\n");
    }

    static final class ModeConverter implements picocli.CommandLine.ITypeConverter<Mode> {
        @Override
        public Mode convert(String value) {
            return Mode.valueOf(value.toUpperCase(Locale.ROOT));
        }
    }
}
