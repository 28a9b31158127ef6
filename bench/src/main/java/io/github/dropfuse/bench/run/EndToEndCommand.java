package io.github.dropfuse.bench.run;

import com.fasterxml.jackson.jr.ob.JSON;
import io.github.dropfuse.bench.Places;
import io.github.dropfuse.bench.endtoend.Measurement;
import io.github.dropfuse.bench.endtoend.Setting;
import io.github.dropfuse.bench.report.EndToEndReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures training steps in DJL and Deeplearning4j, a process for each setting. */
@Command(
        name = "end-to-end",
        description = "Measures training steps without dropout, with the framework's, and with ours.",
        mixinStandardHelpOptions = true)
public final class EndToEndCommand implements Callable<Integer> {
    @Option(
            names = "--smoke",
            description = "Each contender once, into bench/target; the figures mean nothing.")
    private boolean smoke;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path parent = smoke ? Places.target() : Places.project();
        System.out.println(run(smoke, parent.resolve("results"), parent.resolve("report")));
        return 0;
    }

    /** Measures, keeps the samples as JSON, and writes and gives the report. */
    static String run(boolean smoke, Path results, Path report)
            throws IOException, InterruptedException {
        String command =
                "java -jar bench/target/benchmarks.jar end-to-end" + (smoke ? " --smoke" : "");
        Map<String, Object> stored = new LinkedHashMap<>();
        List<Object> series = new ArrayList<>();
        stored.put("environment", Environment.describe(command));
        stored.put("series", series);
        for (Setting setting : Setting.all(smoke)) {
            System.out.println("# " + setting);
            series.addAll(
                    JSON.std.listFrom(
                            Processes.javaResult(
                                    setting.javaOptions(),
                                    Measurement.class,
                                    setting.arguments(),
                                    setting::apply)));
        }
        Files.createDirectories(results);
        RunCommand.write(results.resolve(EndToEndReport.RESULTS), stored);
        return EndToEndReport.write(results, report);
    }
}
